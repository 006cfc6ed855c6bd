//! The escalation check, from YAML to verdict.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

use facts::{Outcome, Verdict};
use oarlock_rbac::{
    Binding, By, Identity, PermissionSet, Policy, PolicyRule, Request, Role, Scope,
    access_policy::{AccessScope, Association},
    authorize,
    escalation::{lacking, may_write_binding, may_write_role, uncovered},
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    held: Vec<PolicyRule>,
    wanted: Vec<PolicyRule>,
    #[serde(default)]
    uncovered: Vec<PolicyRule>,
}

#[test]
fn rules_are_covered_piece_by_piece_as_in_kubernetes() {
    let cases: Vec<Case> = serde_saphyr::from_str(include_str!("cases/covers.yaml")).unwrap();
    assert!(cases.len() >= 19);
    for case in cases {
        assert_eq!(uncovered(&case.held, &case.wanted), case.uncovered, "{}", case.name);
        // Names, wildcards and prefixes being open sets, the real comparison agrees at cluster scope.
        let held = PermissionSet::of_rules(&Scope::Cluster, &case.held);
        let lacking = lacking(&held, &Scope::Cluster, &case.wanted);
        let expected = PermissionSet::of_rules(&Scope::Cluster, &case.uncovered);
        assert_eq!(lacking, expected, "as sets: {}", case.name);
    }
}

/// `deployer` holds some rights in `shop`, may bind `view` there by name, and may escalate the ClusterRole `own`.
fn policy() -> Policy {
    let roles: Vec<Role> = serde_saphyr::from_str(
        r#"
- metadata: {name: deployer, namespace: shop}
  rules:
  - {apiGroups: [""], resources: [pods, configmaps], verbs: [get, list]}
  - {apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [view], verbs: [bind]}
- metadata: {name: narrow}
  rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
- metadata: {name: view}
  rules: [{apiGroups: ["*"], resources: ["*"], verbs: [get]}]
- metadata: {name: own-editor}
  rules:
  - {apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [own], verbs: [escalate]}
- metadata: {name: paths}
  rules: [{nonResourceURLs: [/metrics], verbs: [get]}]
"#,
    )
    .unwrap();
    let bindings: Vec<Binding> = serde_saphyr::from_str(
        r"
- {metadata: {name: d, namespace: shop}, roleRef: {kind: Role, name: deployer}, subjects: [{kind: Group, name: deployers}]}
- {metadata: {name: p, namespace: shop}, roleRef: {kind: ClusterRole, name: paths}, subjects: [{kind: Group, name: deployers}]}
- {metadata: {name: o}, roleRef: {kind: ClusterRole, name: own-editor}, subjects: [{kind: Group, name: deployers}]}
",
    )
    .unwrap();
    Policy::new(roles, bindings, [])
}

fn deployer() -> Identity {
    Identity::user("deployer", ["deployers"])
}

fn role(yaml: &str) -> Role {
    serde_saphyr::from_str(yaml).unwrap()
}

fn bind(yaml: &str) -> Verdict<Vec<PolicyRule>> {
    let policy = policy();
    let binding: Binding = serde_saphyr::from_str(yaml).unwrap();
    may_write_binding(&policy, &deployer(), &binding, |request| authorize(&policy, &deployer(), request))
}

fn write(role: &Role, name: Option<&str>) -> Verdict<Vec<PolicyRule>> {
    let policy = policy();
    may_write_role(&policy, &deployer(), role, None, name, |request| authorize(&policy, &deployer(), request))
}

#[test]
fn a_role_no_wider_than_ones_own_may_be_written_and_a_wildcard_may_not() {
    let narrower = role(
        "{metadata: {name: r, namespace: shop}, rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]}",
    );
    assert!(write(&narrower, None).holds());
    let wildcard = role(
        "{metadata: {name: r, namespace: shop}, rules: [{apiGroups: [''], resources: [pods], verbs: ['*']}]}",
    );
    assert_eq!(write(&wildcard, None), Verdict::Violated { witness: wildcard.rules.to_vec() });
    let elsewhere = Role { namespace: Some("other".into()), ..narrower };
    assert!(!write(&elsewhere, None).holds(), "rights in shop don't count in another namespace");
}

#[test]
fn escalate_by_name_suffices_only_where_the_request_carries_the_name() {
    let own = role("{metadata: {name: own}, rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]}");
    assert!(write(&own, Some("own")).holds(), "PUT, PATCH and server-side apply name the object in the URL");
    assert!(!write(&own, None).holds(), "POST doesn't");
}

#[test]
fn an_aggregation_rule_demands_everything() {
    let gathering =
        role("{metadata: {name: g}, aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}}");
    let Verdict::Violated { witness } = write(&gathering, None) else { panic!("allowed") };
    assert_eq!(witness.len(), 2, "all resources and all paths: {witness:?}");
    let empty = role("{metadata: {name: g}, aggregationRule: {clusterRoleSelectors: []}}");
    assert!(write(&empty, None).holds(), "without selectors it gathers nothing");
}

/// pkg/registry/rbac/clusterrole/policybased/storage.go, Update: `hasAggregationRule(clusterRole) || hasAggregationRule(oldClusterRole)`.
#[test]
fn taking_an_aggregation_rule_away_demands_everything_too() {
    let gathering =
        role("{metadata: {name: g}, aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}}");
    let empty = role("{metadata: {name: g}, rules: []}");
    let policy = policy();
    let ask = |request: &Request| authorize(&policy, &deployer(), request);
    assert!(may_write_role(&policy, &deployer(), &empty, None, Some("g"), ask).holds());
    assert!(may_write_role(&policy, &deployer(), &empty, Some(&empty), Some("g"), ask).holds());
    assert!(!may_write_role(&policy, &deployer(), &empty, Some(&gathering), Some("g"), ask).holds());
}

#[test]
fn bind_by_name_suffices_for_a_role_binding() {
    let yaml = |namespace: &str, role: &str| {
        format!(
            "{{metadata: {{name: b, namespace: {namespace}}}, roleRef: {{kind: ClusterRole, name: {role}}}, subjects: []}}"
        )
    };
    assert!(bind(&yaml("shop", "view")).holds());
    assert!(bind(&yaml("shop", "narrow")).holds(), "all its rules are held");
    assert!(!bind(&yaml("other", "view")).holds(), "`bind` is held in shop only");
    assert!(!bind("{metadata: {name: b}, roleRef: {kind: ClusterRole, name: view}}").holds());
}

#[test]
fn binding_a_role_that_was_not_read_is_unknown() {
    let verdict = bind("{metadata: {name: b, namespace: shop}, roleRef: {kind: ClusterRole, name: gone}}");
    assert!(matches!(verdict, Verdict::Unknown { missing } if missing[0].what.contains("`gone`")));
}

#[test]
fn the_check_counts_a_path_bound_in_a_namespace_and_the_sets_do_not() {
    let wanted = [PolicyRule {
        non_resource_urls: vec!["/metrics".into()],
        verbs: vec!["get".into()],
        ..PolicyRule::default()
    }];
    let policy = policy();
    assert!(uncovered(&policy.rules_for(&deployer(), Some("shop")), &wanted).is_empty());
    let held = policy.held(&deployer()).permissions;
    assert!(!lacking(&held, &Scope::Cluster, &wanted).is_empty());
}

#[test]
fn rights_from_an_access_policy_do_not_count_but_its_escalate_does() {
    let empty = Policy::default();
    let entry =
        |policy: &str| [Association { policy_arn: policy.to_owned(), access_scope: AccessScope::Cluster }];
    let chain = |associations: &[Association], request: &Request| -> Outcome<By> {
        oarlock_rbac::access_policy::decide(associations, request)
    };
    let pods = role(
        "{metadata: {name: r, namespace: shop}, rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]}",
    );
    let admin = entry("AmazonEKSAdminPolicy");
    let may = |associations: &[Association]| {
        may_write_role(&empty, &deployer(), &pods, None, None, |request| chain(associations, request))
    };
    assert!(matches!(may(&admin), Verdict::Violated { .. }), "it may get pods, but not by RBAC");
    assert!(may(&entry("AmazonEKSClusterAdminPolicy")).holds(), "`*` contains `escalate`");
    assert!(matches!(may(&entry("AmazonEKSArgoCDClusterPolicy")), Verdict::Unknown { .. }));
}

#[test]
fn masters_may_write_anything() {
    let all = role("{metadata: {name: r}, rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]}");
    let root = Identity::user("root", [Identity::MASTERS]);
    assert!(may_write_role(&Policy::default(), &root, &all, None, None, |_| Outcome::NotAllowed).holds());
}
