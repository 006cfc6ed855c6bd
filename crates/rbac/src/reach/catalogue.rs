//! The known ways from a permission to more power: data, one entry each.

use super::entry::{Entry, Gives, PLAIN, Power, anywhere, cluster, within};

const GOOD_PRACTICES: &str = "Kubernetes documentation, Role Based Access Control Good Practices";
const PREVENTION: &str =
    "Kubernetes documentation, Using RBAC Authorization, Privilege escalation prevention and bootstrapping";
const TOKENS: &str =
    "Kubernetes documentation, Managing Service Accounts, Manually create a long-lived API token";
const CONSTRAINED: &str = "Kubernetes KEP-5284, Constrained Impersonation";
const WEBSOCKET: &str = "Kubernetes issue 133515; feature gate AuthorizePodWebsocketUpgradeCreatePermission";
const RBAC_POLICE: &str = "PaloAltoNetworks/rbac-police, policies";
const KUBISCAN: &str = "cyberark/KubiScan, risky roles";
const EKS: &str = "Amazon EKS User Guide, Grant IAM users and roles access to Kubernetes APIs; IAM roles for service accounts";
const ARGO_CD: &str = "Argo CD documentation, Declarative Setup; Security";

/// The entry that a `*` on everything opens.
pub(super) const WILDCARD: &str = "wildcard";

/// All entries, the widest first.
pub const CATALOGUE: &[Entry] = &[
    Entry {
        id: WILDCARD,
        matches: &[anywhere("*", &["*"], &["*"])],
        gives: Gives::Wildcard,
        power: Power::Passing,
        leads_to: "every request there, new kinds of objects included; at cluster scope the whole cluster",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "escalate-clusterroles",
        matches: &[cluster("rbac.authorization.k8s.io", &["clusterroles"], &["escalate"])],
        with: &[&[cluster("rbac.authorization.k8s.io", &["clusterroles"], &["create", "update", "patch"])]],
        gives: Gives::Everything,
        power: Power::Passing,
        leads_to: "writing any rule into a ClusterRole, for instance one that is bound already",
        source: PREVENTION,
        ..PLAIN
    },
    Entry {
        id: "escalate-roles",
        matches: &[anywhere("rbac.authorization.k8s.io", &["roles"], &["escalate"])],
        with: &[&[anywhere("rbac.authorization.k8s.io", &["roles"], &["create", "update", "patch"])]],
        gives: Gives::EverythingThere,
        power: Power::Passing,
        leads_to: "writing any rule into a Role of that namespace",
        source: PREVENTION,
        ..PLAIN
    },
    Entry {
        id: "bind-clusterroles",
        matches: &[cluster("rbac.authorization.k8s.io", &["clusterroles"], &["bind"])],
        with: &[&[cluster(
            "rbac.authorization.k8s.io",
            &["clusterrolebindings"],
            &["create", "update", "patch"],
        )]],
        gives: Gives::ClusterRoles,
        power: Power::Passing,
        leads_to: "binding ClusterRoles to anybody in the whole cluster, `cluster-admin` among them unless names limit it",
        source: PREVENTION,
        ..PLAIN
    },
    Entry {
        id: "bind-clusterroles-in-namespace",
        matches: &[anywhere("rbac.authorization.k8s.io", &["clusterroles"], &["bind"])],
        with: &[&[anywhere("rbac.authorization.k8s.io", &["rolebindings"], &["create", "update", "patch"])]],
        gives: Gives::ClusterRoles,
        power: Power::Passing,
        leads_to: "binding ClusterRoles to anybody in that namespace, `cluster-admin` among them unless names limit it",
        source: PREVENTION,
        ..PLAIN
    },
    Entry {
        id: "bind-roles",
        matches: &[anywhere("rbac.authorization.k8s.io", &["roles"], &["bind"])],
        with: &[&[anywhere("rbac.authorization.k8s.io", &["rolebindings"], &["create", "update", "patch"])]],
        gives: Gives::Roles,
        power: Power::Passing,
        leads_to: "binding that namespace's Roles to anybody",
        source: PREVENTION,
        ..PLAIN
    },
    Entry {
        id: "write-rbac",
        matches: &[
            cluster(
                "rbac.authorization.k8s.io",
                &["clusterroles", "clusterrolebindings"],
                &["create", "update", "patch"],
            ),
            anywhere("rbac.authorization.k8s.io", &["roles", "rolebindings"], &["create", "update", "patch"]),
        ],
        power: Power::Strong("writes RBAC"),
        leads_to: "giving one's own permissions to others, `system:authenticated` and `system:anonymous` included; no more than one's own, unless `escalate` or `bind` is held",
        source: PREVENTION,
        ..PLAIN
    },
    Entry {
        id: "impersonate-users",
        matches: &[cluster("", &["users"], &["impersonate"])],
        gives: Gives::Users,
        power: Power::Passing,
        leads_to: "acting as any user, or as the named ones; service accounts and nodes are users too",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "impersonate-groups",
        matches: &[cluster("", &["groups"], &["impersonate"])],
        with: &[&[anywhere("", &["users", "serviceaccounts"], &["impersonate"])]],
        gives: Gives::Groups,
        power: Power::Passing,
        leads_to: "acting as a member of any group, or of the named ones; `system:masters` may do everything",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "impersonate-serviceaccounts",
        matches: &[anywhere("", &["serviceaccounts"], &["impersonate"])],
        gives: Gives::ServiceAccounts,
        power: Power::Passing,
        leads_to: "acting as a service account",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "impersonate-extra",
        matches: &[cluster(
            "authentication.k8s.io",
            &["uids", "userextras", "userextras/scopes"],
            &["impersonate"],
        )],
        power: Power::Passing,
        leads_to: "claiming user ids and extra fields, which admission webhooks and cloud authorizers may trust",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "impersonate-constrained",
        matches: &[
            cluster(
                "authentication.k8s.io",
                &["users", "groups", "serviceaccounts", "uids", "userextras"],
                &["impersonate:user-info", "impersonate:serviceaccount"],
            ),
            anywhere("authentication.k8s.io", &["serviceaccounts"], &["impersonate:serviceaccount"]),
            cluster(
                "authentication.k8s.io",
                &["nodes"],
                &["impersonate:arbitrary-node", "impersonate:associated-node"],
            ),
        ],
        power: Power::Passing,
        leads_to: "acting as others in those requests that `impersonate-on:…` verbs name besides",
        source: CONSTRAINED,
        ..PLAIN
    },
    Entry {
        id: "secrets-read",
        matches: &[anywhere("", &["secrets"], &["get", "list", "watch"])],
        power: Power::Strong("reads Secrets"),
        leads_to: "all credentials kept in Secrets there, and long-lived tokens of service accounts where such Secrets exist; list and watch return contents",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "secrets-token",
        matches: &[anywhere("", &["secrets"], &["create", "update", "patch"])],
        with: &[&[anywhere("", &["secrets"], &["get", "list", "watch"])]],
        gives: Gives::ServiceAccounts,
        leads_to: "creating a `kubernetes.io/service-account-token` Secret for any service account there and reading its token",
        source: TOKENS,
        ..PLAIN
    },
    Entry {
        id: "secrets-write",
        matches: &[anywhere("", &["secrets"], &["create", "update", "patch"])],
        leads_to: "replacing credentials, certificates and settings that workloads trust",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "token-request",
        matches: &[anywhere("", &["serviceaccounts/token"], &["create"])],
        gives: Gives::ServiceAccounts,
        power: Power::Strong("issues tokens of service accounts"),
        leads_to: "tokens of service accounts there",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "pods-create",
        matches: &[anywhere("", &["pods"], &["create"])],
        gives: Gives::ServiceAccounts,
        power: Power::Strong("creates pods, and with them uses any service account of the namespace"),
        leads_to: "running as any service account there and mounting any Secret and ConfigMap; the node too unless Pod Security forbids it; on EKS the AWS role of a service account (IRSA, Pod Identity)",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "workloads-write",
        matches: &[
            anywhere("", &["replicationcontrollers", "podtemplates"], &["create", "update", "patch"]),
            anywhere(
                "apps",
                &["deployments", "daemonsets", "statefulsets", "replicasets"],
                &["create", "update", "patch"],
            ),
            anywhere("batch", &["jobs", "cronjobs"], &["create", "update", "patch"]),
        ],
        gives: Gives::ServiceAccounts,
        power: Power::Strong("writes workloads, and with them uses any service account of the namespace"),
        leads_to: "what creating pods leads to: the workload's pods run as any service account there",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "pods-update",
        matches: &[anywhere("", &["pods"], &["update", "patch"])],
        gives: Gives::ServiceAccounts,
        power: Power::Strong("changes running pods"),
        leads_to: "another image in a running pod, as its service account; labels that make a Service or controller adopt the pod",
        source: RBAC_POLICE,
        ..PLAIN
    },
    Entry {
        id: "pods-exec",
        matches: &[anywhere("", &["pods/exec", "pods/attach"], &["create"])],
        gives: Gives::ServiceAccounts,
        power: Power::Strong("runs commands in pods"),
        leads_to: "commands in running pods, as their service accounts",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "pods-exec-get",
        matches: &[anywhere("", &["pods/exec", "pods/attach"], &["get"])],
        gives: Gives::ServiceAccounts,
        power: Power::Strong("runs commands in pods"),
        leads_to: "commands in running pods over a WebSocket, which is a GET",
        source: WEBSOCKET,
        closed_in: Some(35),
        ..PLAIN
    },
    Entry {
        id: "pods-portforward",
        matches: &[anywhere("", &["pods/portforward", "pods/proxy", "services/proxy"], &["create", "get"])],
        leads_to: "ports of pods and Services that the network does not expose",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "pods-ephemeralcontainers",
        matches: &[anywhere("", &["pods/ephemeralcontainers"], &["update", "patch"])],
        gives: Gives::ServiceAccounts,
        power: Power::Strong("runs commands in pods"),
        leads_to: "a container of one's choice in a running pod",
        source: RBAC_POLICE,
        ..PLAIN
    },
    Entry {
        id: "nodes-proxy",
        matches: &[cluster("", &["nodes/proxy"], &["get", "create"])],
        gives: Gives::AllServiceAccounts,
        power: Power::Strong("reaches the kubelet and runs commands in any pod"),
        leads_to: "the kubelet's API, commands in every pod of the node included: `get` is not read-only; past admission control and audit log",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "steal-pods",
        matches: &[
            cluster("", &["nodes", "nodes/status"], &["update", "patch"]),
            anywhere("", &["pods/eviction"], &["create"]),
        ],
        leads_to: "moving pods to nodes of one's choice: taints, labels, capacity, evictions",
        source: RBAC_POLICE,
        ..PLAIN
    },
    Entry {
        id: "certificates",
        matches: &[cluster(
            "certificates.k8s.io",
            &["certificatesigningrequests/approval"],
            &["update", "patch"],
        )],
        with: &[
            &[cluster("certificates.k8s.io", &["certificatesigningrequests"], &["create"])],
            &[cluster("certificates.k8s.io", &["signers"], &["approve"])],
        ],
        gives: Gives::UsersAndGroups,
        power: Power::Strong("approves certificates"),
        leads_to: "client certificates for any user and group but `system:masters`",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "certificates-sign",
        matches: &[cluster("certificates.k8s.io", &["signers"], &["sign"])],
        power: Power::Strong("signs certificates"),
        leads_to: "issuing certificates in a signer's name, given its key",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "admission-webhooks",
        matches: &[cluster(
            "admissionregistration.k8s.io",
            &["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
            &["create", "update", "patch"],
        )],
        power: Power::Strong("reads or changes what others write, by admission webhooks"),
        leads_to: "reading every object that is written, Secrets included; changing it with a mutating webhook",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "admission-policies",
        matches: &[cluster(
            "admissionregistration.k8s.io",
            &[
                "validatingadmissionpolicies",
                "validatingadmissionpolicybindings",
                "mutatingadmissionpolicies",
                "mutatingadmissionpolicybindings",
            ],
            &["create", "update", "patch", "delete"],
        )],
        power: Power::Strong("changes what others write, or switches guard rails off, by admission policies"),
        leads_to: "switching guard rails off; changing every object that is written with a mutating policy",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "crds",
        matches: &[cluster(
            "apiextensions.k8s.io",
            &["customresourcedefinitions"],
            &["create", "update", "patch"],
        )],
        power: Power::Strong("reads and changes custom resources, by conversion webhooks"),
        leads_to: "reading and changing all custom resources of a kind through a conversion webhook",
        source: KUBISCAN,
        ..PLAIN
    },
    Entry {
        id: "apiservices",
        matches: &[cluster("apiregistration.k8s.io", &["apiservices"], &["create", "update", "patch"])],
        power: Power::Strong("answers for API groups in the API server's place"),
        leads_to: "answering for an API group in the API server's place, with the callers' identities",
        source: KUBISCAN,
        ..PLAIN
    },
    Entry {
        id: "persistentvolumes",
        matches: &[cluster("", &["persistentvolumes"], &["create", "update", "patch"])],
        power: Power::Strong("reads and writes files of nodes, by hostPath volumes"),
        leads_to: "hostPath volumes: a node's files, whatever Pod Security says of pods",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "namespaces-labels",
        matches: &[anywhere("", &["namespaces"], &["update", "patch"])],
        power: Power::Strong("relabels namespaces, and with that loosens Pod Security"),
        leads_to: "Pod Security levels, network policies and webhooks that select namespaces by label",
        source: GOOD_PRACTICES,
        ..PLAIN
    },
    Entry {
        id: "aggregated-clusterroles",
        matches: &[cluster("rbac.authorization.k8s.io", &["clusterroles"], &["create", "update", "patch"])],
        leads_to: "rules added to everybody who holds `admin`, `edit` or `view`, by an `aggregate-to-…` label",
        source: RBAC_POLICE,
        ..PLAIN
    },
    Entry {
        id: "traffic",
        matches: &[
            anywhere("", &["services/status"], &["update", "patch"]),
            anywhere("", &["endpoints"], &["create", "update", "patch"]),
            anywhere("discovery.k8s.io", &["endpointslices"], &["create", "update", "patch"]),
            anywhere("networking.k8s.io", &["ingresses"], &["create", "update", "patch"]),
            anywhere(
                "gateway.networking.k8s.io",
                &["gateways", "httproutes", "tlsroutes", "tcproutes", "grpcroutes"],
                &["create", "update", "patch"],
            ),
        ],
        leads_to: "traffic of others: an external IP in a Service's status (CVE-2020-8554), endpoints, routes",
        source: RBAC_POLICE,
        ..PLAIN
    },
    Entry {
        id: "coredns",
        matches: &[within("kube-system", "", &["configmaps"], &["update", "patch"]).named(&["coredns"])],
        leads_to: "DNS answers for the whole cluster",
        source: RBAC_POLICE,
        ..PLAIN
    },
    Entry {
        id: "aws-auth",
        matches: &[
            within("kube-system", "", &["configmaps"], &["create", "update", "patch"]).named(&["aws-auth"])
        ],
        gives: Gives::EverythingByAwsAuth,
        power: Power::Strong(
            "writes the ConfigMap aws-auth, by which IAM principals become `system:masters` where the cluster reads it",
        ),
        leads_to: "`system:masters` for any IAM principal, where the authentication mode still reads the ConfigMap",
        source: EKS,
        ..PLAIN
    },
    Entry {
        id: "events-delete",
        matches: &[
            anywhere("", &["events"], &["delete", "deletecollection"]),
            anywhere("events.k8s.io", &["events"], &["delete", "deletecollection"]),
        ],
        leads_to: "traces removed",
        source: RBAC_POLICE,
        ..PLAIN
    },
    Entry {
        id: "pods-log",
        matches: &[anywhere("", &["pods/log"], &["get"])],
        leads_to: "what workloads write to their logs, credentials at times",
        source: RBAC_POLICE,
        ..PLAIN
    },
    Entry {
        id: "delete-everything",
        matches: &[anywhere("*", &["*"], &["delete"]), anywhere("*", &["*"], &["deletecollection"])],
        leads_to: "the loss of everything there, guard rails and namespaces included",
        source: RBAC_POLICE,
        ..PLAIN
    },
    Entry {
        id: "serviceaccounts-annotate",
        matches: &[anywhere("", &["serviceaccounts"], &["create", "update", "patch"])],
        leads_to: "another AWS role for the pods of a service account, if the role's trust policy allows that service account (IRSA annotation)",
        source: EKS,
        ..PLAIN
    },
    Entry {
        id: "argocd",
        matches: &[anywhere(
            "argoproj.io",
            &["applications", "applicationsets", "appprojects"],
            &["create", "update", "patch"],
        )],
        power: Power::Strong("writes Applications or projects, and with them uses what Argo CD holds"),
        leads_to: "what Argo CD holds on every cluster that it deploys to",
        source: ARGO_CD,
        ..PLAIN
    },
    Entry {
        id: "argocd-settings",
        matches: &[within("argocd", "", &["secrets", "configmaps"], &["create", "update", "patch"])],
        leads_to: "what Argo CD holds on every cluster that it deploys to: Secrets are clusters and repositories, argocd-cm and argocd-rbac-cm its settings",
        source: ARGO_CD,
        ..PLAIN
    },
    Entry {
        id: "workflow-controllers",
        matches: &[
            anywhere(
                "argoproj.io",
                &["workflows", "cronworkflows", "workflowtemplates", "clusterworkflowtemplates", "rollouts"],
                &["create", "update", "patch"],
            ),
            anywhere(
                "tekton.dev",
                &["tasks", "taskruns", "pipelines", "pipelineruns"],
                &["create", "update", "patch"],
            ),
        ],
        gives: Gives::ServiceAccounts,
        power: Power::Strong(
            "creates pods by other controllers, and with them uses any service account of the namespace",
        ),
        leads_to: "pods that another controller creates, as any service account there",
        source: RBAC_POLICE,
        ..PLAIN
    },
    Entry {
        id: "delegating-controllers",
        matches: &[
            anywhere("kustomize.toolkit.fluxcd.io", &["kustomizations"], &["create", "update", "patch"]),
            anywhere("helm.toolkit.fluxcd.io", &["helmreleases"], &["create", "update", "patch"]),
            anywhere(
                "pkg.crossplane.io",
                &["providers", "configurations", "functions"],
                &["create", "update", "patch"],
            ),
            anywhere(
                "apiextensions.crossplane.io",
                &["compositions", "compositeresourcedefinitions"],
                &["create", "update", "patch"],
            ),
            anywhere("kro.run", &["resourcegraphdefinitions"], &["create", "update", "patch"]),
            anywhere("iam.services.k8s.aws", &["roles", "policies"], &["create", "update", "patch"]),
        ],
        power: Power::Strong("uses what other controllers hold"),
        leads_to: "what another controller holds, in the cluster or in AWS",
        source: RBAC_POLICE,
        ..PLAIN
    },
    Entry {
        id: "policy-engines",
        matches: &[
            anywhere(
                "kyverno.io",
                &["clusterpolicies", "policies", "policyexceptions"],
                &["create", "update", "patch", "delete"],
            ),
            anywhere(
                "templates.gatekeeper.sh",
                &["constrainttemplates"],
                &["create", "update", "patch", "delete"],
            ),
            anywhere(
                "mutations.gatekeeper.sh",
                &["assign", "assignmetadata", "modifyset"],
                &["create", "update", "patch", "delete"],
            ),
        ],
        power: Power::Strong("changes what others write, or switches guard rails off, by policies"),
        leads_to: "switching guard rails off; with mutation or generation, changing every object that is written",
        source: RBAC_POLICE,
        ..PLAIN
    },
];
