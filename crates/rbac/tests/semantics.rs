//! What a real kube-apiserver 1.36 answers, one test per fact, from raw YAML to decision.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

use facts::Outcome;
use oarlock_rbac::{Binding, Identity, Permission, Policy, Request, Role, Scope, authorize, compile};

/// A ClusterRole with one rule, bound to user `u`: in the cluster, or in a namespace.
fn may(rule: &str, namespace: Option<&str>, request: &Request) -> bool {
    let role: Role = serde_saphyr::from_str(&format!("metadata: {{name: r}}\nrules: [{rule}]")).unwrap();
    let place = namespace.map(|ns| format!(", namespace: {ns}")).unwrap_or_default();
    let binding: Binding = serde_saphyr::from_str(&format!(
        "metadata: {{name: b{place}}}\nroleRef: {{kind: ClusterRole, name: r}}\nsubjects: [{{kind: User, name: u}}]"
    ))
    .unwrap();
    let policy = Policy::new([role], [binding], []);
    let identity = Identity::user("u", [""; 0]);
    let allowed = authorize(&policy, &identity, request).is_allowed();
    assert_eq!(compile(&policy, &identity).decide(request).is_allowed(), allowed, "compiled: {request}");
    assert_eq!(policy.held(&identity).permissions.allows(request), allowed, "as a set: {request}");
    allowed
}

#[test]
fn star_slash_scale_matches_the_subresource_and_not_the_resource() {
    let rule = "{apiGroups: ['*'], resources: ['*/scale'], verbs: [get]}";
    assert!(may(rule, None, &Request::resource("get", "apps", "deployments/scale")));
    assert!(!may(rule, None, &Request::resource("get", "apps", "deployments")));
}

#[test]
fn pods_slash_star_matches_nothing() {
    let rule = "{apiGroups: [''], resources: ['pods/*'], verbs: [get]}";
    for resource in ["pods", "pods/log", "pods/status", "pods/exec"] {
        assert!(!may(rule, None, &Request::resource("get", "", resource)));
    }
}

#[test]
fn a_named_rule_allows_get_and_list_by_that_name_and_neither_plain_list_nor_create() {
    let rule = "{apiGroups: [''], resources: [secrets], resourceNames: [x], verbs: [get, list, create]}";
    let in_shop = |verb: &str| Request::resource(verb, "", "secrets").in_namespace("shop");
    assert!(may(rule, None, &in_shop("get").named("x")));
    assert!(!may(rule, None, &in_shop("list")));
    assert!(may(rule, None, &in_shop("list").named("x")), "fieldSelector metadata.name=x names it");
    assert!(!may(rule, None, &in_shop("create")));
}

#[test]
fn a_role_binding_to_a_cluster_role_holds_in_its_namespace_and_never_at_cluster_scope() {
    let rule = "{apiGroups: [''], resources: [pods, nodes], verbs: [get]}";
    assert!(may(rule, Some("shop"), &Request::resource("get", "", "pods").in_namespace("shop")));
    assert!(!may(rule, Some("shop"), &Request::resource("get", "", "pods").in_namespace("other")));
    assert!(!may(rule, Some("shop"), &Request::resource("get", "", "nodes")));
}

#[test]
fn a_role_binding_holds_for_the_namespace_that_it_is_in() {
    let rule = "{apiGroups: [''], resources: [namespaces], verbs: [get, patch, delete]}";
    let on = |verb: &str, name: &str| {
        Request::from(&Permission::resource(Scope::Cluster, "", "namespaces", verb).named(name))
    };
    assert!(may(rule, Some("shop"), &on("get", "shop")));
    assert!(may(rule, Some("shop"), &on("delete", "shop")));
    assert!(!may(rule, Some("shop"), &on("get", "other")));
    assert!(!may(rule, Some("shop"), &Request::resource("list", "", "namespaces")));
    assert!(may(rule, None, &on("get", "shop")));
}

#[test]
fn a_review_that_asks_for_nodes_with_a_namespace_gets_a_yes() {
    let rule = "{apiGroups: [''], resources: [nodes], verbs: [get]}";
    assert!(may(rule, Some("shop"), &Request::resource("get", "", "nodes").in_namespace("shop")));
}

#[test]
fn a_path_that_ends_in_a_star_is_a_prefix() {
    assert!(may(
        "{nonResourceURLs: [/healthz/*], verbs: [get]}",
        None,
        &Request::path("get", "/healthz/etcd")
    ));
    assert!(!may("{nonResourceURLs: [/healthz/*], verbs: [get]}", None, &Request::path("get", "/healthz")));
    assert!(may("{nonResourceURLs: [/metr*], verbs: [get]}", None, &Request::path("get", "/metrics")));
}

#[test]
fn a_path_is_not_granted_by_a_role_binding() {
    assert!(!may(
        "{nonResourceURLs: [/metrics], verbs: [get]}",
        Some("shop"),
        &Request::path("get", "/metrics")
    ));
}

#[test]
fn system_masters_may_always() {
    let root = Identity::user("root", [Identity::MASTERS]);
    let request = Request::resource("delete", "", "nodes").named("n");
    assert!(authorize(&Policy::default(), &root, &request).is_allowed());
    assert!(compile(&Policy::default(), &root).decide(&request).is_allowed());
    assert!(Policy::default().held(&root).permissions.is_everything());
}

#[test]
fn a_service_account_without_namespace_in_a_role_binding_is_of_the_bindings_namespace() {
    let role: Role = serde_saphyr::from_str(
        "{metadata: {name: r, namespace: shop}, rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]}",
    )
    .unwrap();
    let binding: Binding = serde_saphyr::from_str(
        "{metadata: {name: b, namespace: shop}, roleRef: {kind: Role, name: r}, subjects: [{kind: ServiceAccount, name: web}]}",
    )
    .unwrap();
    let policy = Policy::new([role], [binding], []);
    let request = Request::resource("get", "", "pods").in_namespace("shop");
    assert!(authorize(&policy, &Identity::service_account("shop", "web"), &request).is_allowed());
    assert!(!authorize(&policy, &Identity::service_account("other", "web"), &request).is_allowed());
}

#[test]
fn the_answer_names_role_binding_and_rule() {
    let role: Role = serde_saphyr::from_str(
        "{metadata: {name: r}, rules: [{apiGroups: [''], resources: [pods], verbs: [list]}, {apiGroups: [''], resources: [pods], verbs: [get]}]}",
    )
    .unwrap();
    let binding: Binding = serde_saphyr::from_str(
        "{metadata: {name: b, namespace: shop}, roleRef: {kind: ClusterRole, name: r}, subjects: [{kind: Group, name: g}]}",
    )
    .unwrap();
    let policy = Policy::new([role], [binding], []);
    let identity = Identity::user("u", ["g"]);
    let compiled = compile(&policy, &identity);
    let request = Request::resource("get", "", "pods").in_namespace("shop").named("x");
    let Outcome::Allowed { by } = compiled.decide(&request) else { panic!("not allowed") };
    assert_eq!(by.to_string(), "rule 2 of ClusterRole `r`, bound by RoleBinding `b` in namespace shop");
}
