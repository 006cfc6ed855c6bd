//! From shipped manifests to what writing them takes.

use insta::assert_snapshot;

use crate::{Choice, Impersonation, ObjectRef, Operation, ServiceAccount, Settings, testing::Case};

const ALL: [Operation; 3] = [Operation::HoldShippedRules, Operation::BindRole, Operation::EscalateRole];

const READER: &str = r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: [""], resources: [configmaps, pods/log], verbs: [get]}
- {apiGroups: [""], resources: [endpoints], resourceNames: [leader], verbs: [update]}
- {nonResourceURLs: [/metrics], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: ServiceAccount, name: app, namespace: shop}]
"#;

const WILD: &str = r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: operator}
rules:
- {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: operator}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: operator}
"#;

fn binding(kind: &str, role_kind: &str, role: &str) -> String {
    format!(
        "{{apiVersion: rbac.authorization.k8s.io/v1, kind: {kind}, metadata: {{name: b}}, roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role_kind}, name: '{role}'}}}}"
    )
}

fn chosen(choices: &[(&str, Choice)]) -> Case {
    let choices = choices.iter().map(|(kind, choice)| (ObjectRef::new(kind, None, "operator"), *choice));
    Case { choices: choices.collect(), ..Case::default() }
}

fn undecided(case: &Case, yaml: &str) -> String {
    let needs = case.needs(yaml);
    assert_eq!(needs.is_complete(), needs.undecided.is_empty());
    let lines = needs.undecided.iter().map(|undecided| {
        let place = undecided.place.as_ref().map(ToString::to_string).unwrap_or_default();
        format!(
            "{} ({place}) gives {}: {:?}",
            undecided.object,
            undecided.gives.join("; "),
            undecided.choices
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn plain_rules_are_held_exactly_and_their_binding_takes_nothing_more() {
    let case = Case::default();
    assert_snapshot!(case.lines(READER, &ALL), @r"
    controller: get configmaps cluster-wide <- HoldShippedRules ClusterRole reader (app.yaml:2:1)
    controller: update endpoints `leader` cluster-wide <- HoldShippedRules ClusterRole reader (app.yaml:2:1)
    controller: get pods/log cluster-wide <- HoldShippedRules ClusterRole reader (app.yaml:2:1)
    controller: get /metrics <- HoldShippedRules ClusterRole reader (app.yaml:2:1)
    ");
    assert_eq!(undecided(&case, READER), "");
}

#[test]
fn a_role_is_held_in_its_namespace() {
    let role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: [{apiGroups: [apps], resources: [deployments], verbs: [get, list]}]}";
    assert_snapshot!(Case::default().lines(role, &ALL), @r"
    controller: get deployments.apps in namespace shop <- HoldShippedRules Role shop/r (app.yaml:1:1)
    controller: list deployments.apps in namespace shop <- HoldShippedRules Role shop/r (app.yaml:1:1)
    ");
}

#[test]
fn everything_is_never_held_silently() {
    let case = Case::default();
    assert_eq!(case.lines(WILD, &ALL), "");
    assert_snapshot!(undecided(&case, WILD), @r"
    ClusterRole operator (app.yaml:2:1) gives `*` on `*` in `*`: [Hold, Bind, Escalate]
    ClusterRoleBinding operator (app.yaml:8:1) gives `*` on `*` in `*`: [Hold, Bind]
    ");
    assert_snapshot!(case.findings(WILD, "app-ships-cluster-admin"), @r"
    Error app.yaml:2:1: `ClusterRole operator` amounts to cluster-admin: whoever writes to the Application's repository gets the cluster (`*` on `*` in `*`)
    Error app.yaml:8:1: `ClusterRoleBinding operator` binds `ClusterRole operator`, which gives `*` on `*` in `*`
    ");
}

#[test]
fn a_choice_decides() {
    assert_snapshot!(chosen(&[("ClusterRole", Choice::Hold)]).lines(WILD, &ALL), @"controller: * *.* cluster-wide <- HoldShippedRules ClusterRole operator (app.yaml:2:1) [ShippedRulesAreWide]");
    assert_snapshot!(chosen(&[("ClusterRole", Choice::Bind)]).lines(WILD, &ALL), @"controller: bind clusterroles.rbac.authorization.k8s.io `operator` cluster-wide <- BindRole ClusterRoleBinding operator (app.yaml:8:1)");
    let escalate = chosen(&[("ClusterRole", Choice::Escalate)]);
    assert_snapshot!(escalate.lines(WILD, &ALL), @r"
    controller: bind clusterroles.rbac.authorization.k8s.io `operator` cluster-wide <- BindRole ClusterRoleBinding operator (app.yaml:8:1)
    controller: escalate clusterroles.rbac.authorization.k8s.io `operator` cluster-wide <- EscalateRole ClusterRole operator (app.yaml:2:1)
    ");
    assert_snapshot!(escalate.findings(WILD, "escalate-needs-existing-role"), @"Warning app.yaml:2:1: `ClusterRole operator`: `escalate` by name doesn't let Argo CD create it, since a POST carries no name");
    assert_eq!(undecided(&escalate, WILD), "");
}

#[test]
fn escalating_verbs_and_wildcards_in_one_place_are_wide() {
    let rules = [
        "{apiGroups: [example.com], resources: ['*'], verbs: [get]}",
        "{apiGroups: [''], resources: [secrets], verbs: ['*']}",
        "{apiGroups: [''], resources: [users], verbs: [impersonate]}",
        "{nonResourceURLs: ['*'], verbs: [get]}",
    ];
    for rule in rules {
        let role = format!(
            "{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {{name: r}}, rules: [{rule}]}}"
        );
        let case = Case::default();
        assert_eq!(case.lines(&role, &ALL), "", "{rule}");
        assert!(case.findings(&role, "app-ships-wildcard-rbac").starts_with("Error app.yaml:1:1"), "{rule}");
    }
}

fn cluster_role(rule: &str) -> String {
    format!(
        "{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {{name: r}}, rules: [{rule}]}}"
    )
}

#[test]
fn what_the_escalation_catalogue_knows_is_told_of_rules_that_are_held() {
    let told = |rule: &str| {
        let case = Case::default();
        assert_eq!(undecided(&case, &cluster_role(rule)), "", "{rule}");
        let findings = case.findings(&cluster_role(rule), "app-ships-powerful-rbac");
        let start =
            "Warning app.yaml:1:1: `ClusterRole r` gives its holder, and so Argo CD, what leads to more: ";
        findings.trim_end().strip_prefix(start).unwrap_or(&findings).to_owned()
    };
    assert_snapshot!(told("{apiGroups: [apps], resources: [statefulsets], verbs: [patch]}"), @"writes workloads, and with them uses any service account of the namespace");
    assert_snapshot!(told("{apiGroups: [''], resources: [pods/exec, pods/attach], verbs: [get, create]}"), @"runs commands in pods");
    assert_snapshot!(told("{apiGroups: [''], resources: [configmaps], verbs: [update]}"), @"writes the ConfigMap aws-auth, by which IAM principals become `system:masters` where the cluster reads it");
    assert_snapshot!(told("{apiGroups: [''], resources: [configmaps], resourceNames: [my-lock], verbs: [update]}"), @"");
    assert_snapshot!(told("{apiGroups: [''], resources: [secrets, pods], verbs: [get, create]}"), @"reads Secrets, creates pods, and with them uses any service account of the namespace");
    assert_snapshot!(told("{apiGroups: [''], resources: [pods/log, events], verbs: [get, list]}"), @"");
}

#[test]
fn constrained_impersonation_is_never_held_silently() {
    let rule = "{apiGroups: [authentication.k8s.io], resources: [serviceaccounts], verbs: ['impersonate:serviceaccount']}";
    let case = Case::default();
    assert_eq!(case.lines(&cluster_role(rule), &ALL), "");
    assert_snapshot!(undecided(&case, &cluster_role(rule)), @"ClusterRole r (app.yaml:1:1) gives `impersonate:serviceaccount` on `serviceaccounts` in `authentication.k8s.io`: [Hold, Bind, Escalate]");
}

#[test]
fn aggregation_takes_everything_unless_it_gathers_nothing() {
    let role = |selectors: &str| {
        format!(
            "{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {{name: operator}}, aggregationRule: {{clusterRoleSelectors: [{selectors}]}}}}"
        )
    };
    let gathers = role("{matchLabels: {a: b}}");
    assert_snapshot!(undecided(&Case::default(), &gathers), @"ClusterRole operator (app.yaml:1:1) gives every rule that its `aggregationRule` gathers, today or later (writing it takes everything, or `escalate`): [Hold, Bind, Escalate]");
    assert_snapshot!(chosen(&[("ClusterRole", Choice::Hold)]).lines(&gathers, &ALL), @"controller: * *.* cluster-wide <- HoldShippedRules ClusterRole operator (app.yaml:1:1) [ShippedRulesAreWide]");
    assert_eq!(undecided(&Case::default(), &role("")), "");
}

#[test]
fn whoever_may_escalate_by_a_wildcard_is_not_asked_for_paths() {
    let paths = "---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: scraper}, rules: [{nonResourceURLs: [/metrics], verbs: [get]}, {apiGroups: [''], resources: [nodes], verbs: [get]}]}";
    let held = |yaml: &str| chosen(&[("ClusterRole", Choice::Hold)]).lines(yaml, &ALL);
    assert_snapshot!(held(paths), @r"
    controller: get nodes cluster-wide <- HoldShippedRules ClusterRole scraper (app.yaml:2:1)
    controller: get /metrics <- HoldShippedRules ClusterRole scraper (app.yaml:2:1)
    ");
    assert_snapshot!(held(&format!("{WILD}{paths}")), @r"
    controller: get nodes cluster-wide <- HoldShippedRules ClusterRole scraper (app.yaml:13:1)
    controller: * *.* cluster-wide <- HoldShippedRules ClusterRole operator (app.yaml:2:1) [ShippedRulesAreWide]
    ");
}

#[test]
fn bindings_to_roles_of_others_take_bind_by_name() {
    let case = Case::default();
    assert_snapshot!(case.lines(&binding("RoleBinding", "ClusterRole", "view"), &ALL), @"controller: bind clusterroles.rbac.authorization.k8s.io `view` in namespace shop <- BindRole RoleBinding shop/b (app.yaml:1:1)");
}

#[test]
fn a_role_of_others_that_nobody_knows_is_not_even_bound_unasked() {
    for (kind, role_kind, role, object) in [
        ("RoleBinding", "Role", "leader", ObjectRef::new("Role", Some("shop"), "leader")),
        ("ClusterRoleBinding", "ClusterRole", "operator", ObjectRef::new("ClusterRole", None, "operator")),
    ] {
        let yaml = binding(kind, role_kind, role);
        let case = Case::default();
        assert_eq!(case.lines(&yaml, &ALL), "");
        let gaps: Vec<String> = case.needs(&yaml).unknown.iter().map(ToString::to_string).collect();
        assert!(
            matches!(&gaps[..], [gap] if gap.starts_with(&format!("the rules of `{object}`, which "))),
            "{gaps:?}"
        );
        let case = Case { choices: [(object, Choice::Bind)].into(), ..Case::default() };
        assert!(case.lines(&yaml, &ALL).starts_with("controller: bind "));
        assert!(case.needs(&yaml).is_complete());
    }
}

#[test]
fn binding_cluster_admin_is_never_silent() {
    let yaml = binding("ClusterRoleBinding", "ClusterRole", "cluster-admin");
    assert_eq!(Case::default().lines(&yaml, &ALL), "");
    assert_snapshot!(Case::default().findings(&yaml, "app-ships-cluster-admin"), @"Error app.yaml:1:1: `ClusterRoleBinding b` binds `ClusterRole cluster-admin`, which gives everything (ClusterRole `cluster-admin`)");
    let case = Case {
        choices: [(ObjectRef::new("ClusterRoleBinding", None, "b"), Choice::Bind)].into(),
        ..Case::default()
    };
    assert_snapshot!(case.lines(&yaml, &ALL), @"controller: bind clusterroles.rbac.authorization.k8s.io `cluster-admin` cluster-wide <- BindRole ClusterRoleBinding b (app.yaml:1:1)");
}

#[test]
fn rules_of_roles_in_the_cluster_are_held_where_they_are_bound() {
    let rule = rbac::PolicyRule {
        api_groups: vec![String::new()],
        resources: vec!["configmaps".into()],
        verbs: vec!["get".into()],
        ..rbac::PolicyRule::default()
    };
    let paths = rbac::PolicyRule {
        non_resource_urls: vec!["/metrics".into()],
        verbs: vec!["get".into()],
        ..rbac::PolicyRule::default()
    };
    let role = rbac::Role {
        namespace: None,
        name: "known".into(),
        labels: Default::default(),
        rules: [rule, paths].into(),
        aggregation: None,
        place: None,
    };
    let case = Case { roles: vec![role], ..Case::default() };
    assert_snapshot!(case.lines(&binding("RoleBinding", "ClusterRole", "known"), &ALL), @r"
    controller: get configmaps in namespace shop <- HoldShippedRules RoleBinding shop/b (app.yaml:1:1)
    controller: get /metrics <- HoldShippedRules RoleBinding shop/b (app.yaml:1:1)
    ");
}

#[test]
fn with_server_side_diff_the_controller_must_hold_the_rules_too() {
    let account = ServiceAccount { namespace: "shop".into(), name: "deployer".into() };
    let case = Case {
        impersonation: Impersonation::On { accounts: [("app".into(), account)].into(), enforced: true },
        settings: Settings { server_side_diff: true, ..Settings::default() },
        ..Case::default()
    };
    let role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: [{apiGroups: [apps], resources: [deployments], verbs: [get]}]}";
    assert_snapshot!(case.lines(role, &ALL), @r"
    controller: get deployments.apps in namespace shop <- HoldShippedRules Role shop/r (app.yaml:1:1)
    serviceaccount shop/deployer: get deployments.apps in namespace shop <- HoldShippedRules Role shop/r (app.yaml:1:1)
    ");
}

#[test]
fn adding_to_kubernetes_own_roles_is_told() {
    let role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r, labels: {rbac.authorization.k8s.io/aggregate-to-view: 'true'}}, rules: []}";
    assert_snapshot!(Case::default().findings(role, "app-extends-built-in-role"), @"Warning app.yaml:1:1: `ClusterRole r` adds its rules to Kubernetes' own ClusterRole `view`, for everybody who is bound to it");
}

/// READER as an older release left it in the cluster: `secrets` is gone from the manifests.
fn with_live_role(verbs: &str) -> Case {
    let yaml = format!(
        "{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {{name: reader}}, rules: [{{apiGroups: [''], resources: [configmaps, secrets], verbs: [{verbs}]}}]}}"
    );
    let roles = Case::default().deployment(&yaml).roles.into_iter().map(|shipped| shipped.object).collect();
    Case { roles, ..Case::default() }
}

#[test]
fn rules_that_the_live_role_still_has_are_held_for_auth_reconcile() {
    let case = with_live_role("get");
    let held = |case: &Case| {
        let lines = case.lines(READER, &ALL);
        let held: Vec<&str> = lines.lines().filter(|line| line.contains("secrets")).collect();
        held.join("\n")
    };
    assert_snapshot!(held(&case), @"controller: get secrets cluster-wide <- HoldShippedRules ClusterRole reader (app.yaml:2:1) [LiveRulesAreReconciled]");
    let by_server = Case { sync: Case::options(&["ServerSideApply=true"]).sync, ..with_live_role("get") };
    assert_eq!(held(&by_server), "");
    assert_eq!(held(&Case { sync: Case::options(&["Replace=true"]).sync, ..with_live_role("get") }), "");
}

#[test]
fn wildcards_that_the_live_role_still_has_are_a_finding() {
    let case = with_live_role("'*'");
    assert!(!case.lines(READER, &ALL).contains("secrets"));
    assert_snapshot!(case.findings(READER, "live-role-gives-more"), @"Error app.yaml:2:1: `ClusterRole reader` in the cluster still gives what left the manifests, and the next sync can't write it without holding that: `*` on `configmaps` in `core`; `*` on `secrets` in `core`");
}

#[test]
fn a_role_that_is_never_applied_gives_its_binding_nothing() {
    let test_role = READER.replacen(
        "metadata: {name: reader}",
        "metadata: {name: reader, annotations: {helm.sh/hook: test}}",
        1,
    );
    assert_snapshot!(Case::default().lines(&test_role, &ALL), @r"
    controller: get configmaps cluster-wide <- HoldShippedRules ClusterRoleBinding reader (app.yaml:10:1)
    controller: update endpoints `leader` cluster-wide <- HoldShippedRules ClusterRoleBinding reader (app.yaml:10:1)
    controller: get pods/log cluster-wide <- HoldShippedRules ClusterRoleBinding reader (app.yaml:10:1)
    controller: get /metrics <- HoldShippedRules ClusterRoleBinding reader (app.yaml:10:1)
    ");
}

#[test]
fn a_role_that_gathers_rules_is_not_bound_silently() {
    let role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: operator}, aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}}";
    let yaml = format!("{role}\n---\n{}", binding("ClusterRoleBinding", "ClusterRole", "operator"));
    let case = Case::default();
    assert_eq!(case.lines(&yaml, &ALL), "");
    assert_snapshot!(undecided(&case, &yaml), @r"
    ClusterRole operator (app.yaml:1:1) gives every rule that its `aggregationRule` gathers, today or later (writing it takes everything, or `escalate`): [Hold, Bind, Escalate]
    ClusterRoleBinding b (app.yaml:3:1) gives every rule that its `aggregationRule` gathers, today or later (writing it takes everything, or `escalate`): [Hold, Bind]
    ");
}

#[test]
fn kubernetes_own_roles_are_the_same_with_and_without_an_inventory() {
    let live = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: edit}, aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}, rules: [{apiGroups: [''], resources: [serviceaccounts], verbs: [impersonate]}]}";
    let roles = Case::default().deployment(live).roles.into_iter().map(|shipped| shipped.object).collect();
    let (with, without) = (Case { roles, ..Case::default() }, Case::default());
    let yaml = binding("RoleBinding", "ClusterRole", "edit");
    assert_snapshot!(with.lines(&yaml, &ALL), @"controller: bind clusterroles.rbac.authorization.k8s.io `edit` in namespace shop <- BindRole RoleBinding shop/b (app.yaml:1:1)");
    assert_eq!(with.needs(&yaml), without.needs(&yaml));
}

#[test]
fn the_rules_that_are_rendered_pass_the_api_servers_own_check() {
    let yaml = r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: odd}
rules:
- {apiGroups: ["", apps], resources: [pods, pods/log, deployments/scale], verbs: [get, list]}
- {apiGroups: [""], resources: [configmaps, secrets], resourceNames: [a, b], verbs: [get, create, update]}
- {apiGroups: [""], resources: [configmaps], verbs: [get, watch]}
- {nonResourceURLs: [/metrics, /healthz/*], verbs: [get, head]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: odd}
rules:
- {apiGroups: [""], resources: [secrets], verbs: [get, delete]}
"#;
    let case = Case::default();
    let mut held = rbac::PermissionSet::new();
    for need in case.needs(yaml).needs {
        held.insert(need.permission);
    }
    let rendered = rbac::merge::rules(&held);
    let of = |scope: rbac::Scope| rendered.get(&scope).cloned().unwrap_or_default();
    let (everywhere, shop) = (of(rbac::Scope::Cluster), of(rbac::Scope::Namespace("shop".into())));
    for shipped in case.deployment(yaml).roles {
        let mut rules = everywhere.clone();
        if shipped.namespaced {
            rules.extend(shop.clone());
        }
        let lacking = rbac::escalation::uncovered(&rules, &shipped.object.rules);
        assert!(lacking.is_empty(), "{}: {lacking:?}", shipped.object.name);
    }
}
