//! From an IAM caller, or a user, to a request: hop by hop.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use inventory::{File, Inventory};
use oarlock_access::{At, Hop, NoCaller, Passes, Who, caller, can};
use rbac::{Identity, Request};

const CLUSTER: &str = "clusters/111122223333/eu-west-1/prod";
const ROLE: &str = "arn:aws:iam::111122223333:role/team/argocd";

/// A cluster with one access entry and RBAC objects, as the AWS CLI and kubectl print them; `without` are files left out.
fn inventory(entry: &str, policies: &str, rbac: &[(&str, &str)]) -> Inventory {
    let of_cluster = |path: &str| format!("{CLUSTER}/{path}");
    let described = r#"{"cluster": {"name": "prod", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/prod",
        "accessConfig": {"authenticationMode": "API"}}}"#;
    let roles = format!(
        r#"{{"RoleDetailList": [{{"Arn": "{ROLE}", "RoleName": "argocd", "RoleId": "AROA1", "Path": "/team/",
        "CreateDate": "2025-01-01T00:00:00+00:00", "AssumeRolePolicyDocument": {{"Statement": []}}}}]}}"#
    );
    let entry = format!(
        r#"{{"accessEntry": {{"principalArn": "{ROLE}", "type": "STANDARD",
        "createdAt": "2025-06-01T00:00:00+00:00", {entry}}}}}"#
    );
    let mut files = vec![
        ("accounts/111122223333/iam-get-account-authorization-details.json".to_owned(), roles),
        (of_cluster("eks/describe-cluster.json"), described.to_owned()),
        (of_cluster("eks/list-access-entries.json"), format!(r#"{{"accessEntries": ["{ROLE}"]}}"#)),
        (of_cluster("eks/describe-access-entry-a.json"), entry),
        (
            of_cluster("eks/list-associated-access-policies-a.json"),
            format!(r#"{{"principalArn": "{ROLE}", "associatedAccessPolicies": [{policies}]}}"#),
        ),
    ];
    for list in ["clusterroles", "roles", "clusterrolebindings", "rolebindings"] {
        let given = rbac.iter().find(|(own, _)| *own == list);
        let items = given.map_or("", |(_, items)| items);
        if items != "missing" {
            let text = format!("apiVersion: v1\nkind: List\nitems:\n{items}\n");
            let text =
                if items.is_empty() { "apiVersion: v1\nkind: List\nitems: []\n".to_owned() } else { text };
            files.push((of_cluster(&format!("kubernetes/{list}.yaml")), text));
        }
    }
    let files: Vec<File> = files
        .into_iter()
        .map(|(path, text)| File { name: path.as_str().into(), path, bytes: text.into_bytes() })
        .collect();
    let reading = Inventory::read(&files);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    reading.inventory
}

fn hops(inventory: &Inventory, session: Option<&str>, request: &Request) -> Vec<Hop> {
    let mut caller = caller(inventory, ROLE).unwrap();
    caller.session = session.map(str::to_owned);
    can(inventory.clusters.values().next().unwrap(), &Who::Iam(caller), request)
}

fn bound(kind: &str, name: &str) -> [(&'static str, String); 2] {
    let group = "rbac.authorization.k8s.io";
    let role = format!(
        "- {{apiVersion: {group}/v1, kind: Role, metadata: {{name: deploy, namespace: shop}}, rules: [{{apiGroups: [apps], resources: [deployments], verbs: [create]}}]}}"
    );
    let binding = format!(
        "- {{apiVersion: {group}/v1, kind: RoleBinding, metadata: {{name: deploy, namespace: shop}}, roleRef: {{apiGroup: {group}, kind: Role, name: deploy}}, subjects: [{{kind: {kind}, apiGroup: {group}, name: '{name}'}}]}}"
    );
    [("roles", role), ("rolebindings", binding)]
}

fn rbac<'t>(objects: &'t [(&'static str, String); 2]) -> [(&'static str, &'t str); 2] {
    objects.each_ref().map(|(list, text)| (*list, text.as_str()))
}

fn create() -> Request {
    Request::resource("create", "apps", "deployments").in_namespace("shop")
}

#[test]
fn a_group_of_the_access_entry_is_bound() {
    let objects = bound("Group", "deployers");
    let inventory = inventory(r#""kubernetesGroups": ["deployers"]"#, "", &rbac(&objects));
    let hops = hops(&inventory, None, &create());
    assert_eq!(hops.iter().map(|hop| hop.at).collect::<Vec<_>>(), [At::ClusterIdentity, At::Authorization]);
    assert!(hops.iter().all(|hop| hop.passes == Passes::Yes), "{hops:?}");
    assert!(hops[0].place.is_some() && hops[1].place.is_some(), "{hops:?}");
}

#[test]
fn an_access_policy_allows_what_rbac_does_not() {
    let policy = r#"{"policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy",
        "accessScope": {"type": "namespace", "namespaces": ["shop"]}}"#;
    let inventory = inventory(r#""kubernetesGroups": []"#, policy, &[]);
    assert_eq!(hops(&inventory, None, &create())[1].passes, Passes::Yes);
    let elsewhere = Request::resource("create", "apps", "deployments").in_namespace("other");
    assert_eq!(hops(&inventory, None, &elsewhere)[1].passes, Passes::No);
}

#[test]
fn a_user_whose_name_depends_on_the_session_is_bound_or_not_by_its_name() {
    let objects = bound("User", "arn:aws:sts::111122223333:assumed-role/argocd/server");
    let inventory = inventory(r#""kubernetesGroups": []"#, "", &rbac(&objects));
    let passes = |session| hops(&inventory, session, &create())[1].passes.clone();
    assert!(
        matches!(passes(None), Passes::Unknown { missing } if missing[0].fill.as_ref().unwrap().contains("--session"))
    );
    assert_eq!(passes(Some("server")), Passes::Yes);
    assert_eq!(passes(Some("other")), Passes::No);
}

#[test]
fn any_of_several_users_may_be_the_session_that_is_bound() {
    let of = |name: &str| format!("arn:aws:sts::111122223333:assumed-role/argocd/{name}");
    let [role, (bindings, bound)] = bound("User", &of("server"));
    let idle = bound.replace("name: deploy, namespace: shop", "name: z-idle, namespace: other");
    let both = format!("{bound}\n{}", idle.replace(&of("server"), &of("zero")));
    let inventory = inventory(r#""kubernetesGroups": []"#, "", &rbac(&[role, (bindings, both)]));
    assert!(matches!(hops(&inventory, None, &create())[1].passes, Passes::Unknown { .. }));
}

#[test]
fn what_was_not_read_may_allow_it() {
    let inventory = inventory(r#""kubernetesGroups": []"#, "", &[("rolebindings", "missing")]);
    assert!(matches!(hops(&inventory, None, &create())[1].passes, Passes::Unknown { .. }));
}

#[test]
fn whoever_has_no_entry_gets_no_further_than_the_cluster() {
    let inventory = inventory(r#""kubernetesGroups": []"#, "", &[]);
    let cluster = inventory.clusters.values().next().unwrap();
    let stranger = caller(&inventory, "arn:aws:iam::444455556666:user/ann").unwrap();
    let hops = can(cluster, &Who::Iam(stranger), &create());
    assert_eq!((hops.len(), &hops[0].passes), (1, &Passes::No));
}

#[test]
fn a_role_that_the_account_does_not_have_is_nobody() {
    let inventory = inventory(r#""kubernetesGroups": []"#, "", &[]);
    let gone = caller(&inventory, "arn:aws:iam::111122223333:role/gone").unwrap_err();
    assert!(matches!(gone, NoCaller::NoSuchRole { name, .. } if name == "gone"));
}

#[test]
fn service_accounts_and_groups_are_known_to_the_cluster_itself() {
    let objects = bound("Group", "system:serviceaccounts:argocd");
    let inventory = inventory(r#""kubernetesGroups": []"#, "", &rbac(&objects));
    let cluster = inventory.clusters.values().next().unwrap();
    let passes = |identity| can(cluster, &Who::Kubernetes(identity), &create())[0].passes.clone();
    assert_eq!(passes(Identity::service_account("argocd", "server")), Passes::Yes);
    assert_eq!(passes(Identity::service_account("other", "server")), Passes::No);
}
