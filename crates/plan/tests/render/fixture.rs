//! A small fleet with every kind of object and values that break careless quoting.

use std::collections::{BTreeMap, BTreeSet};

use facts::ClusterArn;
use iam::{Document, Effect, Element, Principals, Statement};
use oarlock_plan::{
    AccessEntry, Desired, DesiredObject, IamRole, KubernetesObject, Location, Object, OidcProvider,
    Ownership, PodIdentityAssociation, Restart,
};
use serde_json::{Value, json};

const HUB: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/hub";
const SPOKES: [&str; 2] = [
    "arn:aws:eks:us-east-1:444455556666:cluster/prod-us",
    "arn:aws:eks:eu-central-1:012345678901:cluster/prod-eu",
];

/// Quotes of every shell and language, a line end, an expansion of each, and a letter outside ASCII.
const NASTY: &str = "it's \"quoted\" $(touch x) `touch x` ${HOME} %{ if } \\n ünïcode\n- \"*\"\nEOF\n";

struct Builder(Vec<DesiredObject>);

impl Builder {
    fn add(&mut self, location: Location, object: Object, reason: &str, after: &[usize]) -> usize {
        let after = after.iter().map(|at| self.0[*at].id()).collect();
        self.0.push(DesiredObject { location, object, reason: reason.to_owned(), after });
        self.0.len() - 1
    }

    fn kubernetes(
        &mut self,
        cluster: &str,
        ownership: Ownership,
        body: Value,
        reason: &str,
        after: &[usize],
    ) -> usize {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let object = KubernetesObject {
            api_version: text(&body["apiVersion"]).unwrap(),
            kind: text(&body["kind"]).unwrap(),
            namespace: text(&body["metadata"]["namespace"]),
            name: text(&body["metadata"]["name"]).unwrap(),
            body: body.into(),
            ownership,
        };
        self.add(Location::Cluster(arn(cluster)), Object::Kubernetes(object), reason, after)
    }
}

pub(crate) fn desired() -> Desired {
    let mut all = Builder(Vec::new());
    let hub_role = hub_account(&mut all);
    let spokes: Vec<usize> =
        SPOKES.iter().flat_map(|spoke| spoke_objects(&mut all, spoke, hub_role)).collect();
    hub_objects(&mut all, hub_role, &spokes);
    Desired { objects: all.0 }
}

fn hub_account(all: &mut Builder) -> usize {
    let account = Location::Account("111122223333".parse().unwrap());
    let issuer = "https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
    let provider = OidcProvider {
        account: "111122223333".parse().unwrap(),
        url: issuer.into(),
        client_ids: vec!["sts.amazonaws.com".into()],
        tags: tags(),
    };
    let provider = all.add(
        account.clone(),
        Object::OidcProvider(provider),
        "Ties service accounts of `hub` to IAM.",
        &[],
    );
    let trust = document(vec![statement(
        Some(Principals::service("pods.eks.amazonaws.com")),
        &["sts:AssumeRole", "sts:TagSession"],
        &[],
        &[("StringEquals", "aws:RequestTag/kubernetes-namespace", "argocd")],
    )]);
    let policy = document(vec![statement(
        None,
        &["sts:AssumeRole", "sts:TagSession"],
        &[
            "arn:aws:iam::012345678901:role/oarlock-hub-prod-eu",
            "arn:aws:iam::444455556666:role/oarlock-hub-prod-us",
        ],
        &[("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}")],
    )]);
    let role = IamRole {
        arn: "arn:aws:iam::111122223333:role/argocd/oarlock-hub".parse().unwrap(),
        description: "Argo CD's controller and server: it's the hub's \"one\" identity".into(),
        trust,
        inline_policies: BTreeMap::from([("assume".into(), policy.clone())]),
        managed_policies: BTreeMap::from([("oarlock-hub-assume-1".into(), policy)]),
        tags: tags(),
    };
    all.add(
        account,
        Object::IamRole(role),
        "The identity of Argo CD's pods;\nevery hop starts here.",
        &[provider],
    )
}

fn spoke_objects(all: &mut Builder, cluster: &str, hub_role: usize) -> Vec<usize> {
    let cluster_arn = arn(cluster);
    let role = IamRole {
        arn: format!("arn:aws:iam::{}:role/oarlock-hub-{}", cluster_arn.account, cluster_arn.name)
            .parse()
            .unwrap(),
        description: format!("Argo CD on {}", cluster_arn.name),
        trust: document(vec![statement(
            Some(Principals::aws(["arn:aws:iam::111122223333:role/argocd/oarlock-hub"])),
            &["sts:AssumeRole", "sts:TagSession"],
            &[],
            &[],
        )]),
        inline_policies: BTreeMap::new(),
        managed_policies: BTreeMap::new(),
        tags: tags(),
    };
    let principal = role.arn.clone();
    let account = Location::Account(cluster_arn.account.clone());
    let role = all.add(account, Object::IamRole(role), "What Argo CD is on this cluster.", &[hub_role]);
    let entry = AccessEntry {
        cluster: cluster_arn.clone(),
        principal,
        groups: vec!["oarlock:argocd".into()],
        tags: tags(),
    };
    let entry =
        all.add(Location::Eks(cluster_arn), Object::AccessEntry(entry), "Makes the role a group.", &[role]);
    let mut made = vec![entry];
    made.extend(spoke_rbac(all, cluster));
    made
}

fn spoke_rbac(all: &mut Builder, cluster: &str) -> Vec<usize> {
    let whole = Ownership::Whole;
    let group = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "oarlock:argocd"});
    let namespace = all.kubernetes(
        cluster,
        whole,
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "payments", "labels": labels()}}),
        "`payments` deploys here.",
        &[],
    );
    let account = all.kubernetes(
        cluster,
        whole,
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "on", "namespace": "payments", "labels": labels()}}),
        "Syncs of project payments run as it.",
        &[namespace],
    );
    let cluster_role = all.kubernetes(
        cluster,
        whole,
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
            "metadata": {"name": "oarlock:argocd", "labels": labels(), "annotations": {"oarlock.dev/why": NASTY}},
            "rules": [
                {"apiGroups": ["*"], "resources": ["*"], "verbs": ["list", "watch"]},
                {"apiGroups": [""], "resources": ["namespaces"], "resourceNames": ["payments", "0123", "yes", "null", "1e3"], "verbs": ["get", "patch"]},
                {"nonResourceURLs": ["/version"], "verbs": ["get"]}
            ]
        }),
        "The live cache lists and watches everything.",
        &[],
    );
    let role = all.kubernetes(
        cluster,
        whole,
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"name": "oarlock:argocd", "namespace": "payments", "labels": labels()},
            "rules": [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["create", "delete", "patch"]}]
        }),
        "Application `payments` applies and prunes Deployments.",
        &[namespace],
    );
    let binding = |kind: &str, namespace: Option<&str>, role_kind: &str| {
        let mut metadata = json!({"name": "oarlock:argocd", "labels": labels()});
        if let Some(namespace) = namespace {
            metadata["namespace"] = json!(namespace);
        }
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role_kind, "name": "oarlock:argocd"},
            "subjects": [group]
        })
    };
    let cluster_binding = all.kubernetes(
        cluster,
        whole,
        binding("ClusterRoleBinding", None, "ClusterRole"),
        "Gives it to the group.",
        &[cluster_role],
    );
    let role_binding = all.kubernetes(
        cluster,
        whole,
        binding("RoleBinding", Some("payments"), "Role"),
        "Gives it to the group.",
        &[role],
    );
    vec![account, cluster_binding, role_binding]
}

fn hub_objects(all: &mut Builder, hub_role: usize, spokes: &[usize]) {
    let hub = arn(HUB);
    let association = PodIdentityAssociation {
        cluster: hub.clone(),
        namespace: "argocd".into(),
        service_account: "argocd-application-controller".into(),
        role: "arn:aws:iam::111122223333:role/argocd/oarlock-hub".parse().unwrap(),
        tags: tags(),
    };
    let object = Object::PodIdentityAssociation(association);
    let association =
        all.add(Location::Eks(hub.clone()), object, "Gives the controller's pods the role.", &[hub_role]);
    let mut last = vec![association];
    for cluster in SPOKES {
        last.push(all.kubernetes(
            HUB,
            Ownership::Whole,
            cluster_secret(cluster),
            "Argo CD reaches the cluster through it.",
            spokes,
        ));
    }
    let project = json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
        "metadata": {"name": "payments", "namespace": "argocd", "labels": labels()},
        "spec": {"sourceRepos": ["*"], "destinations": [{"server": "https://x.example", "namespace": "payments"}], "description": NASTY}
    });
    last.push(all.kubernetes(HUB, Ownership::Whole, project, "Closes the project's destinations.", &[]));
    let annotation = json!({
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": "argocd-server", "namespace": "argocd", "annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/argocd/oarlock-hub"}}
    });
    last.push(all.kubernetes(
        HUB,
        Ownership::Fields,
        annotation,
        "Gives the server's pods the role.",
        &[hub_role],
    ));
    let settings = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm", "namespace": "argocd"},
        "data": {"resource.respectRBAC": "strict", "application.sync.impersonation.enabled": "true",
                 "resource.inclusions": "- apiGroups: [\"*\"]\n  kinds: [\"*\"]\n  clusters: [\"*\"]\n"}
    });
    last.push(all.kubernetes(HUB, Ownership::Fields, settings, "The plan relies on these settings.", &[]));
    let restart = Restart {
        cluster: hub.clone(),
        namespace: "argocd".into(),
        workloads: vec![
            "statefulset/argocd-application-controller".into(),
            "deployment/argocd-server".into(),
        ],
    };
    all.add(
        Location::Cluster(hub),
        Object::Restart(restart),
        "Both read their settings only when they start.",
        &last,
    );
}

fn cluster_secret(cluster: &str) -> Value {
    let arn = arn(cluster);
    let role = format!("arn:aws:iam::{}:role/oarlock-hub-{}", arn.account, arn.name);
    let config = json!({
        "awsAuthConfig": {"clusterName": arn.name, "roleARN": role},
        "tlsClientConfig": {"insecure": false, "caData": "LS0tLS1CRUdJTg=="}
    });
    let mut labels = labels();
    labels["argocd.argoproj.io/secret-type"] = json!("cluster");
    json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": format!("cluster-{}", arn.name), "namespace": "argocd", "labels": labels},
        "type": "Opaque",
        "stringData": {"name": arn.name, "server": format!("https://{}.example.com", arn.name), "config": config.to_string()}
    })
}

fn statement(
    principals: Option<Principals>,
    actions: &[&str],
    resources: &[&str],
    conditions: &[(&str, &str, &str)],
) -> Statement {
    let set = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    let mut tests: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (operator, key, value) in conditions {
        tests
            .entry((*operator).into())
            .or_default()
            .entry((*key).into())
            .or_default()
            .insert((*value).into());
    }
    Statement {
        sid: "Argo".into(),
        effect: Effect::Allow,
        principals: principals.map(Element::Only),
        actions: Element::Only(set(actions)),
        resources: Some(set(resources)).filter(|set| !set.is_empty()).map(Element::Only),
        conditions: tests,
    }
}

fn document(statements: Vec<Statement>) -> Document {
    Document::new(statements)
}

fn tags() -> BTreeMap<String, String> {
    BTreeMap::from([("oarlock.dev/fleet".into(), "acme".into()), ("oarlock.dev/owned".into(), "true".into())])
}

fn labels() -> Value {
    json!({"app.kubernetes.io/managed-by": "oarlock", "oarlock.dev/fleet": "acme"})
}

fn arn(text: &str) -> ClusterArn {
    text.parse().unwrap()
}
