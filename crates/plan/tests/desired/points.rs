//! One point each.

use argocd::Identity;
use oarlock_plan::{Object, ObjectId, Ownership, desired::desired};
use rbac::{Permission, Scope};

use crate::fleet::{
    AUTHORITY, applications, finding_ids, fleet, input, kubernetes, needs, objects, on_all, one_spoke, role,
};

#[test]
fn each_object_stands_after_what_it_needs() {
    for (identity, topology) in [("pod-identity", "chained"), ("irsa", "direct")] {
        let fleet = fleet(&one_spoke(identity, topology));
        let wanted = desired(&input(&fleet), &needs(&fleet));
        let ids: Vec<ObjectId> = wanted.desired.objects.iter().map(oarlock_plan::DesiredObject::id).collect();
        for (at, object) in wanted.desired.objects.iter().enumerate() {
            assert!(!object.reason.is_empty());
            assert!(object.after.iter().all(|needed| ids[..at].contains(needed)), "{:?}", object.id());
        }
    }
}

#[test]
fn no_spoke_role_has_a_permission_and_no_trust_an_external_id() {
    let fleet = fleet(&one_spoke("pod-identity", "chained"));
    let wanted = desired(&input(&fleet), &needs(&fleet));
    let spoke = role(&wanted, "oarlock-hub-us-east-1-prod");
    assert!(spoke.inline_policies.is_empty() && spoke.managed_policies.is_empty());
    assert!(spoke.trust.statements.iter().all(|statement| statement.conditions.is_empty()));
}

#[test]
fn an_endpoint_that_nobody_knows_is_a_gap_with_the_command() {
    let spec = one_spoke("pod-identity", "chained")
        .replace("endpoint: https://PROD.gr7.us-east-1.eks.amazonaws.com", "");
    let fleet = fleet(&spec);
    let wanted = desired(&input(&fleet), &needs(&fleet));
    assert!(kubernetes(&wanted, "Secret").is_empty());
    let fill = wanted.unknown[0].fill.clone().unwrap();
    assert_eq!(fill, "aws eks describe-cluster --region us-east-1 --name prod --query cluster.endpoint");
}

#[test]
fn an_issuer_that_nobody_knows_is_a_gap_and_no_trust_is_guessed() {
    let spec = one_spoke("irsa", "direct")
        .replace("oidcIssuer: https://oidc.eks.eu-west-1.amazonaws.com/id/HUB", "");
    let fleet = fleet(&spec);
    let wanted = desired(&input(&fleet), &needs(&fleet));
    assert!(wanted.unknown[0].what.contains("OIDC issuer"));
    let roles = wanted.desired.objects.iter().filter(|object| matches!(object.object, Object::IamRole(_)));
    assert_eq!(roles.count(), 0);
}

#[test]
fn a_project_without_namespaces_is_a_finding_and_with_them_none() {
    let open = format!("{}    project: shop\n", one_spoke("pod-identity", "chained"));
    let parsed = fleet(&open);
    let wanted = desired(&input(&parsed), &needs(&parsed));
    assert_eq!(finding_ids(&wanted), ["cluster-project-opens-destinations"]);
    let parsed = fleet(&format!("{open}    namespaces: [web]\n    clusterResources: true\n"));
    let wanted = desired(&input(&parsed), &needs(&parsed));
    assert!(wanted.findings.is_empty());
    let secret = &kubernetes(&wanted, "Secret")[0].body.value()["stringData"];
    assert_eq!((&secret["project"], &secret["namespaces"]), (&"shop".into(), &"web".into()));
    assert_eq!(secret["clusterResources"], "true");
}

#[test]
fn the_hub_gets_a_secret_only_where_something_must_be_said() {
    let hub = |more: &str| {
        fleet(&format!(
            "  hub:\n    arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub\n    argocd: {{version: '3.5'}}\n  clusters:\n  - {{arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/hub'{more}}}\n"
        ))
    };
    let plain = hub("");
    let wanted = desired(&input(&plain), &needs(&plain));
    assert!(kubernetes(&wanted, "Secret").is_empty());
    let namespaced = hub(", namespaces: [web]");
    let wanted = desired(&input(&namespaced), &needs(&namespaced));
    let secret = &kubernetes(&wanted, "Secret")[0].body.value()["stringData"];
    assert_eq!(secret["server"], "https://kubernetes.default.svc");
    assert!(!secret["config"].as_str().unwrap().contains("awsAuthConfig"));
}

const PROJECT: &str = "apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: shop, namespace: argocd}
spec:
  sourceRepos: ['https://github.com/acme/*']
  destinations: [{server: '*', namespace: '*'}, {server: '*', namespace: '!kube-system'}]
";

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  project: shop
  source: {repoURL: 'https://github.com/acme/web.git', path: deploy}
  destination: {name: prod, namespace: web}
";

#[test]
fn a_project_is_closed_to_what_its_applications_use() {
    let fleet = fleet(&one_spoke("pod-identity", "chained"));
    let mut input = input(&fleet);
    input.projects = objects(PROJECT);
    input.applications = applications(APPLICATION);
    let wanted = desired(&input, &needs(&fleet));
    let project = kubernetes(&wanted, "AppProject")[0];
    assert_eq!(project.ownership, Ownership::Fields);
    let expected = serde_json::json!({
        "destinations": [{ "server": "https://PROD.gr7.us-east-1.eks.amazonaws.com", "namespace": "web" }],
        "sourceRepos": ["https://github.com/acme/web.git"],
    });
    assert_eq!(project.body.value()["spec"], expected);
}

#[test]
fn a_project_is_never_opened() {
    let fleet = fleet(&one_spoke("pod-identity", "chained"));
    let mut input = input(&fleet);
    input.projects =
        objects(&PROJECT.replace("{server: '*', namespace: '*'}", "{server: '*', namespace: other}"));
    input.projects[0].spec.destinations.truncate(1);
    input.applications = applications(APPLICATION);
    let wanted = desired(&input, &needs(&fleet));
    assert_eq!(finding_ids(&wanted), ["application-outside-its-project"]);
    assert_eq!(
        kubernetes(&wanted, "AppProject")[0].body.value()["spec"]["destinations"],
        serde_json::json!([])
    );
}

#[test]
fn an_application_from_a_repository_that_its_project_does_not_permit_is_reported() {
    let fleet = fleet(&one_spoke("pod-identity", "chained"));
    let mut input = input(&fleet);
    // A wildcard ends at a slash.
    input.projects = objects(&PROJECT.replace("https://github.com/acme/*", "https://github.com/*"));
    input.applications = applications(APPLICATION);
    let wanted = desired(&input, &needs(&fleet));
    assert_eq!(finding_ids(&wanted), ["application-source-outside-its-project"]);
    let project = kubernetes(&wanted, "AppProject")[0];
    assert!(project.body.value()["spec"].get("sourceRepos").is_none(), "nor is it closed, or opened");
}

#[test]
fn a_project_stays_open_where_it_is_not_known_what_an_application_deploys() {
    let fleet = fleet(&one_spoke("pod-identity", "chained"));
    let mut input = input(&fleet);
    input.projects = objects(PROJECT);
    input.applications = applications(APPLICATION);
    input.applications[0].deployment = None;
    let wanted = desired(&input, &needs(&fleet));
    assert!(wanted.unknown.iter().any(|gap| gap.what.contains("`shop`")));
    let projects = kubernetes(&wanted, "AppProject");
    assert!(projects.iter().all(|project| project.body.value()["spec"].get("destinations").is_none()));
}

#[test]
fn impersonation_brings_service_accounts_entries_and_named_rules() {
    let fleet = fleet(&format!("  impersonation: true\n{}", one_spoke("pod-identity", "chained")));
    let mut input = input(&fleet);
    input.projects = objects(PROJECT);
    input.applications = applications(APPLICATION);
    let web = || Scope::Namespace("web".into());
    let account = Identity::Impersonated { namespace: "web".into(), name: "oarlock-shop".into() };
    let impersonate = Permission::resource(web(), "", "serviceaccounts", "impersonate").named("oarlock-shop");
    let needs = on_all(
        &fleet,
        &[
            (Identity::Controller, impersonate),
            (account, Permission::resource(web(), "", "configmaps", "patch")),
        ],
    );
    let wanted = desired(&input, &needs);
    let account = kubernetes(&wanted, "ServiceAccount")[0];
    assert_eq!((account.name.as_str(), account.namespace.as_deref()), ("oarlock-shop", Some("web")));
    let entry = &kubernetes(&wanted, "AppProject")[0].body.value()["spec"]["destinationServiceAccounts"][0];
    assert_eq!(entry["defaultServiceAccount"], "oarlock-shop");
    assert_eq!(entry["server"], "https://PROD.gr7.us-east-1.eks.amazonaws.com");
    let roles = kubernetes(&wanted, "Role");
    let rules: Vec<serde_json::Value> =
        roles.iter().map(|role| role.body.value()["rules"][0].clone()).collect();
    assert!(rules.iter().any(|rule| rule["resourceNames"] == serde_json::json!(["oarlock-shop"])));
    let bindings = kubernetes(&wanted, "RoleBinding");
    let expected =
        serde_json::json!({ "kind": "ServiceAccount", "name": "oarlock-shop", "namespace": "web" });
    assert!(bindings.iter().any(|binding| binding.body.value()["subjects"][0] == expected));
    let cm = kubernetes(&wanted, "ConfigMap")[0];
    assert_eq!(cm.body.value()["data"]["application.sync.impersonation.enabled"], "true");
    assert_eq!(wanted.helm_values.as_ref().unwrap()["configs"]["cm"], cm.body.value()["data"]);
}

#[test]
fn a_service_account_that_the_project_names_is_left_as_it_is() {
    let fleet = fleet(&format!("  impersonation: true\n{}", one_spoke("pod-identity", "chained")));
    let mut input = input(&fleet);
    let named =
        "  destinationServiceAccounts: [{server: '*', namespace: web, defaultServiceAccount: deployer}]\n";
    input.projects = objects(&format!("{PROJECT}{named}"));
    input.applications = applications(APPLICATION);
    let wanted = desired(&input, &needs(&fleet));
    assert!(kubernetes(&wanted, "ServiceAccount").is_empty());
    assert!(
        kubernetes(&wanted, "AppProject")[0].body.value()["spec"].get("destinationServiceAccounts").is_none()
    );
}

#[test]
fn self_managed_argo_cd_gets_no_identity_for_sources_that_nothing_named_reads() {
    let parsed = fleet(&one_spoke("pod-identity", "chained"));
    let app = APPLICATION.replace("https://github.com/acme/web.git", "s3://charts/stable");
    let project = PROJECT.replace("https://github.com/acme/*", "s3://charts/*");
    let mut without = input(&parsed);
    without.projects = objects(&project);
    without.applications = applications(&app);
    let wanted = desired(&without, &needs(&parsed));
    assert_eq!(finding_ids(&wanted), ["source-cannot-use-iam"]);

    let consumer =
        "  credentials: [{serviceAccount: argocd-repo-server, s3: {bucket: charts, prefix: stable/}}]\n";
    let parsed = fleet(&format!("{consumer}{}", one_spoke("pod-identity", "chained")));
    let mut with = input(&parsed);
    with.projects = objects(&project);
    with.applications = applications(&app);
    let wanted = desired(&with, &needs(&parsed));
    assert!(wanted.findings.is_empty(), "{:#?}", wanted.findings);
    let reader = role(&wanted, "oarlock-hub-sa-argocd.argocd-repo-server");
    let statement = &reader.inline_policies["read-s3"].statements[0];
    assert_eq!(statement.actions.only(), Some(&["s3:GetObject".to_owned()].into()));
    assert_eq!(statement.listed_resources().collect::<Vec<_>>(), ["arn:aws:s3:::charts/stable/*"]);
}

#[test]
fn an_access_policy_that_is_exactly_enough_is_named_unless_an_application_ships_rbac() {
    let fleet = fleet(&one_spoke("pod-identity", "chained"));
    let verbs = ["get", "list", "watch"];
    let everything: Vec<_> =
        verbs.map(|verb| (Identity::Controller, Permission::resource(Scope::Cluster, "*", "*", verb))).into();
    let needs = on_all(&fleet, &everything);
    let mut input = input(&fleet);
    input.projects = objects(PROJECT);
    input.applications = applications(APPLICATION);
    let says = |wanted: &oarlock_plan::desired::Wanted| {
        wanted
            .notes
            .iter()
            .any(|note| note.id == "access-policy-would-do" && note.message.contains("AdminView"))
    };
    assert!(says(&desired(&input, &needs)));
    let role = b"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: []\n";
    let deployment = input.applications[0].deployment.as_mut().unwrap();
    manifest::read(&"r.yaml".into(), role, &mut |object| deployment.add(&object.unwrap()).unwrap());
    assert!(!says(&desired(&input, &needs)));
}

#[test]
fn the_secret_of_a_direct_cluster_names_no_role() {
    let fleet = fleet(&one_spoke("irsa", "direct"));
    let wanted = desired(&input(&fleet), &needs(&fleet));
    let config: serde_json::Value = serde_json::from_str(
        kubernetes(&wanted, "Secret")[0].body.value()["stringData"]["config"].as_str().unwrap(),
    )
    .unwrap();
    let expected = serde_json::json!({
        "awsAuthConfig": { "clusterName": "prod" },
        "tlsClientConfig": { "insecure": false, "caData": AUTHORITY },
    });
    assert_eq!(config, expected);
}
