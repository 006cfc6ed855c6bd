//! Reached power, from YAML to the permissions that somebody ends up with.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use oarlock_rbac::{
    Binding, Permission, PermissionSet, Policy, PolicyRule, Role, Scope,
    reach::{Area, CATALOGUE, Reached, World, reached},
};

const CLUSTER: &str = r#"
roles:
- {metadata: {name: cluster-admin}, rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}, {nonResourceURLs: ["*"], verbs: ["*"]}]}
- {metadata: {name: secret-reader}, rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]}
- {metadata: {name: pod-maker, namespace: ops}, rules: [{apiGroups: [""], resources: [pods], verbs: [create]}]}
- {metadata: {name: local, namespace: shop}, rules: [{apiGroups: [""], resources: [configmaps], verbs: [delete]}]}
bindings:
- metadata: {name: operator}
  roleRef: {kind: ClusterRole, name: cluster-admin}
  subjects: [{kind: ServiceAccount, name: operator, namespace: system}]
- metadata: {name: ops, namespace: system}
  roleRef: {kind: ClusterRole, name: pod-maker-system}
  subjects: [{kind: ServiceAccount, name: runner, namespace: ops}]
- metadata: {name: reader, namespace: data}
  roleRef: {kind: ClusterRole, name: secret-reader}
  subjects: [{kind: ServiceAccount, name: web, namespace: shop}, {kind: Group, name: readers}]
"#;

#[derive(serde::Deserialize)]
struct Cluster {
    roles: Vec<Role>,
    bindings: Vec<Binding>,
}

fn policy(more: &str) -> Policy {
    let Cluster { roles, bindings } = serde_saphyr::from_str(&format!("{CLUSTER}{more}")).unwrap();
    Policy::new(roles, bindings, [])
}

fn accounts() -> BTreeMap<String, BTreeSet<String>> {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    BTreeMap::from([
        ("shop".to_owned(), names(&["default", "web"])),
        ("ops".to_owned(), names(&["default", "runner"])),
        ("system".to_owned(), names(&["default", "operator"])),
    ])
}

fn held(scope: &str, rules: &str) -> PermissionSet {
    let rules: Vec<PolicyRule> = serde_saphyr::from_str(rules).unwrap();
    PermissionSet::of_rules(&Scope::of(Some(scope).filter(|scope| *scope != "cluster")), &rules)
}

fn from(scope: &str, rules: &str) -> Reached {
    let (policy, accounts) = (policy(""), accounts());
    let world = World {
        policy: &policy,
        service_accounts: Some(&accounts),
        reads_aws_auth: Some(false),
        minor: Some(36),
    };
    reached(&held(scope, rules), &world)
}

fn ids(reached: &Reached) -> Vec<&str> {
    reached.entries.iter().map(|step| step.entry.id).collect()
}

#[test]
fn creating_pods_gives_what_the_service_accounts_of_the_namespace_hold() {
    let reached = from("shop", r#"[{apiGroups: [""], resources: [pods], verbs: [create]}]"#);
    assert_eq!(ids(&reached), ["pods-create", "secrets-read"], "the second by what web holds in data");
    assert_eq!(reached.entries[1].by.scope().namespace(), Some("data"));
    assert_eq!(reached.entries[0].gives.from, ["shop/default", "shop/web"]);
    assert!(reached.permissions.contains(&Permission::resource(
        Scope::of(Some("data")),
        "",
        "secrets",
        "get"
    )));
    assert!(!reached.permissions.contains(&Permission::resource(
        Scope::of(Some("shop")),
        "",
        "secrets",
        "get"
    )));
}

#[test]
fn a_chain_through_two_namespaces_is_followed_to_cluster_admin() {
    let (policy, accounts) = (
        Policy::new(
            policy("").roles().cloned().chain([serde_saphyr::from_str(
                r#"{metadata: {name: pod-maker-system}, rules: [{apiGroups: [""], resources: [pods], verbs: [create]}]}"#,
            )
            .unwrap()]),
            policy("").bindings().cloned().collect::<Vec<_>>(),
            [],
        ),
        accounts(),
    );
    let world = World {
        policy: &policy,
        service_accounts: Some(&accounts),
        reads_aws_auth: Some(false),
        minor: Some(36),
    };
    let start = held("ops", r#"[{apiGroups: [batch], resources: [jobs], verbs: [create]}]"#);
    let reached = reached(&start, &world);
    assert!(reached.permissions.is_everything());
    let steps: Vec<_> = reached.entries.iter().map(|step| (step.entry.id, step.depth)).collect();
    assert_eq!(steps, [("workloads-write", 0), ("pods-create", 1)]);
}

#[test]
fn service_accounts_that_were_not_read_are_a_gap_and_not_an_absence() {
    let policy = policy("");
    let world = World { policy: &policy, service_accounts: None, reads_aws_auth: Some(false), minor: None };
    let reached =
        reached(&held("shop", r#"[{apiGroups: [""], resources: [pods], verbs: [create]}]"#), &world);
    assert_eq!(reached.unknown.len(), 1);
    assert!(reached.unknown[0].what.contains("namespace `shop`"), "{}", reached.unknown[0]);
}

#[test]
fn reading_pods_reaches_nothing() {
    let reached =
        from("cluster", r#"[{apiGroups: [""], resources: [pods, nodes], verbs: [get, list, watch]}]"#);
    assert!(reached.entries.is_empty() && reached.unknown.is_empty());
}

#[test]
fn reading_everything_includes_secrets_and_the_nodes_proxy() {
    let reached = from("cluster", r#"[{apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch]}]"#);
    let ids = ids(&reached);
    assert!(ids.contains(&"secrets-read") && ids.contains(&"nodes-proxy"), "{ids:?}");
    assert!(!ids.contains(&"pods-exec-get"), "closed in 1.35: {ids:?}");
    assert!(reached.permissions.is_everything(), "through the operator's pods");
}

#[test]
fn list_and_watch_on_everything_lead_to_secrets_and_no_further() {
    let reached = from("cluster", r#"[{apiGroups: ["*"], resources: ["*"], verbs: [list, watch]}]"#);
    assert_eq!(ids(&reached), ["secrets-read", "secrets-read"], "one for each verb");
    assert_eq!(reached.permissions.len(), 2);
}

#[test]
fn escalate_needs_a_verb_that_writes_and_then_gives_everything() {
    let alone = from(
        "cluster",
        "[{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [escalate]}]",
    );
    assert_eq!(ids(&alone), ["escalate-clusterroles"]);
    assert!(!alone.permissions.is_everything());
    let both = from(
        "cluster",
        "[{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [escalate, patch]}]",
    );
    assert!(both.permissions.is_everything());
}

#[test]
fn bind_by_name_gives_that_roles_rules_where_bindings_can_be_written() {
    let reached = from(
        "shop",
        r"
- {apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [secret-reader], verbs: [bind]}
- {apiGroups: [rbac.authorization.k8s.io], resources: [rolebindings], verbs: [create]}
",
    );
    let secrets = |scope: Scope| Permission::resource(scope, "", "secrets", "get");
    assert!(reached.permissions.contains(&secrets(Scope::of(Some("shop")))));
    assert!(!reached.permissions.contains(&secrets(Scope::Cluster)));
    assert!(!reached.permissions.contains(&Permission::resource(
        Scope::of(Some("shop")),
        "",
        "pods",
        "create"
    )));
}

#[test]
fn bind_held_cluster_wide_counts_where_bindings_can_be_written() {
    let mut both = held(
        "cluster",
        "[{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [bind]}]",
    );
    both.extend(
        held(
            "data",
            "[{apiGroups: [rbac.authorization.k8s.io], resources: [rolebindings], verbs: [create]}]",
        )
        .iter(),
    );
    let (policy, accounts) = (policy(""), accounts());
    let world = World {
        policy: &policy,
        service_accounts: Some(&accounts),
        reads_aws_auth: Some(false),
        minor: Some(36),
    };
    let reached = reached(&both, &world);
    assert!(reached.permissions.contains(&Permission::resource(Scope::of(Some("data")), "*", "*", "*")));
    assert!(!reached.permissions.is_everything());
    assert!(!reached.permissions.contains(&Permission::resource(
        Scope::of(Some("shop")),
        "",
        "pods",
        "create"
    )));
}

#[test]
fn a_bound_role_that_was_not_read_is_a_gap() {
    let reached = from(
        "shop",
        r"
- {apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [gone], verbs: [bind]}
- {apiGroups: [rbac.authorization.k8s.io], resources: [rolebindings], verbs: [create]}
",
    );
    assert!(reached.unknown.iter().any(|gap| gap.what.contains("`gone`")));
}

#[test]
fn impersonating_a_named_service_account_gives_what_it_holds() {
    let operator = r#"[{apiGroups: [""], resources: [serviceaccounts], resourceNames: [operator], verbs: [impersonate]}]"#;
    assert!(from("system", operator).permissions.is_everything());
    assert_eq!(from("shop", operator).permissions.len(), 1, "no such service account in shop");
}

#[test]
fn impersonating_a_named_group_gives_what_it_holds_and_any_group_everything() {
    let rules = |names: &str| {
        format!(
            r#"[{{apiGroups: [""], resources: [groups], {names}verbs: [impersonate]}}, {{apiGroups: [""], resources: [users], resourceNames: [joe], verbs: [impersonate]}}]"#
        )
    };
    let readers = from("cluster", &rules("resourceNames: [readers], "));
    assert!(readers.permissions.contains(&Permission::resource(
        Scope::of(Some("data")),
        "",
        "secrets",
        "get"
    )));
    assert!(!readers.permissions.is_everything());
    assert!(from("cluster", &rules("")).permissions.is_everything());
}

#[test]
fn a_service_account_is_a_user_that_can_be_impersonated() {
    let rules =
        |names: &str| format!(r#"[{{apiGroups: [""], resources: [users], {names}verbs: [impersonate]}}]"#);
    assert!(from("cluster", &rules("")).permissions.is_everything(), "as the operator");
    let web = from("cluster", &rules(r#"resourceNames: ["system:serviceaccount:shop:web"], "#));
    assert_eq!(web.entries[0].gives.from, ["shop/web"]);
    assert!(!web.permissions.is_everything());
}

#[test]
fn a_wildcard_in_a_namespace_is_one_step_to_its_service_accounts() {
    let reached = from("shop", r#"[{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]"#);
    assert_eq!(ids(&reached), ["wildcard", "secrets-read"], "the second by what web holds in data");
    assert!(reached.permissions.contains(&Permission::resource(
        Scope::of(Some("data")),
        "",
        "secrets",
        "get"
    )));
}

#[test]
fn a_wildcard_at_cluster_scope_is_everything() {
    let reached = from("cluster", r#"[{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]"#);
    assert_eq!(ids(&reached), ["wildcard"]);
    assert!(reached.permissions.is_everything(), "paths too, since it includes `escalate`");
}

#[test]
fn the_aws_auth_config_map_counts_by_authentication_mode() {
    let start = held("kube-system", r#"[{apiGroups: [""], resources: [configmaps], verbs: [update]}]"#);
    let (policy, accounts) = (policy(""), accounts());
    let with = |reads_aws_auth: Option<bool>| {
        reached(
            &start,
            &World { policy: &policy, service_accounts: Some(&accounts), reads_aws_auth, minor: None },
        )
    };
    assert!(with(Some(true)).permissions.is_everything());
    assert!(!with(Some(false)).permissions.is_everything());
    assert!(with(None).unknown.iter().any(|gap| gap.what.contains("aws-auth")));
}

#[test]
fn exec_by_get_counts_before_kubernetes_1_35() {
    let start = held("shop", r#"[{apiGroups: [""], resources: [pods/exec], verbs: [get]}]"#);
    let (policy, accounts) = (policy(""), accounts());
    let steps = |minor: Option<u32>| {
        let world = World { policy: &policy, service_accounts: Some(&accounts), reads_aws_auth: None, minor };
        ids(&reached(&start, &world)).contains(&"pods-exec-get")
    };
    assert_eq!((steps(Some(34)), steps(Some(35)), steps(None)), (true, false, true));
}

#[test]
fn each_entry_has_a_name_of_its_own_a_source_and_is_opened_by_what_it_lists() {
    let mut seen = BTreeSet::new();
    assert!(CATALOGUE.len() >= 40);
    for entry in CATALOGUE {
        assert!(seen.insert(entry.id), "`{}` twice", entry.id);
        assert!(!entry.leads_to.is_empty() && entry.source.len() > 10, "{}", entry.id);
        for pattern in entry.matches {
            for (resource, verb) in
                pattern.resources.iter().flat_map(|r| pattern.verbs.iter().map(move |v| (r, v)))
            {
                let scope = match pattern.area {
                    Area::Cluster => Scope::Cluster,
                    Area::Anywhere => Scope::of(Some("shop")),
                    Area::In(namespace) => Scope::of(Some(namespace)),
                };
                let mut permission = Permission::resource(scope, pattern.group, resource, verb);
                if let Some(name) = pattern.names.first() {
                    permission = permission.named(name);
                }
                let (policy, accounts) = (Policy::default(), accounts());
                let world = World {
                    policy: &policy,
                    service_accounts: Some(&accounts),
                    reads_aws_auth: None,
                    minor: None,
                };
                let reached = reached(&[permission.clone()].into_iter().collect(), &world);
                assert!(ids(&reached).contains(&entry.id), "`{permission}` doesn't open `{}`", entry.id);
            }
        }
    }
}
