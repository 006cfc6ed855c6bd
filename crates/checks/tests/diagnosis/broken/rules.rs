//! What is allowed on a cluster.

use super::*;

const ANALYST: &str = "arn:aws:iam::777788889999:role/argocd-analytics";

fn without_policies(inventory: &mut Inventory) {
    *known(&mut entry(inventory, ANALYTICS, ANALYST).policies) = Vec::new();
}

#[test]
fn a_rule_is_bound_to_the_entry_s_group() {
    let changes =
        broken(without_policies, &refused(ANALYST, "create", "configmaps", "", "reports"), "authorization");
    let [Change::Rules(rules)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!((rules.namespace.as_deref(), rules.subject.name.as_str()), (Some("reports"), "deployers"));
    assert_eq!(rules.rules[0].verbs, ["create"]);
}

/// Oarlock's binding of a group to what `edit` allows in a namespace.
fn fleets_binding(inventory: &mut Inventory, group: &str) {
    let rbac = "rbac.authorization.k8s.io";
    let labels = json!({"app.kubernetes.io/managed-by": "oarlock", "oarlock.dev/fleet": "acme"});
    let metadata = json!({"name": format!("oarlock-{group}").replace(':', "-"), "namespace": "reports", "labels": labels});
    let put = |kind: &str, more: Value, inventory: &mut Inventory| {
        let mut body = json!({"apiVersion": format!("{rbac}/v1"), "kind": kind, "metadata": metadata});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let object = inventory::KubernetesObject {
            api_version: format!("{rbac}/v1"),
            kind: kind.to_owned(),
            namespace: Some("reports".to_owned()),
            name: metadata["name"].as_str().unwrap().to_owned(),
            body: body.into(),
            place: facts::Place::file("test"),
        };
        let list = format!("{}s", kind.to_lowercase());
        cluster(inventory, ANALYTICS).kubernetes.put(&list, object).unwrap();
    };
    put(
        "Role",
        json!({"rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]}]}),
        inventory,
    );
    let role = json!({"apiGroup": rbac, "kind": "Role", "name": metadata["name"]});
    let subject = json!({"apiGroup": rbac, "kind": "Group", "name": group});
    put("RoleBinding", json!({"roleRef": role, "subjects": [subject]}), inventory);
}

#[test]
fn an_entry_without_the_group_that_oarlock_bound_is_mended() {
    let misspelt = |inventory: &mut Inventory| {
        without_policies(inventory);
        fleets_binding(inventory, "oarlock:argocd");
        entry(inventory, ANALYTICS, ANALYST).groups = vec!["oarlock:argo".to_owned()];
    };
    let changes = broken(misspelt, &refused(ANALYST, "create", "configmaps", "", "reports"), "authorization");
    let [Change::EntryGroups { principal, groups, .. }] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!((principal.as_str(), &groups[..]), (ANALYST, &["oarlock:argocd".to_owned()][..]));
    // What it lacks besides is given to that group.
    let changes = broken(misspelt, &refused(ANALYST, "create", "secrets", "", "reports"), "authorization");
    let [Change::EntryGroups { .. }, Change::Rules(rules)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(rules.subject.name, "oarlock:argocd");
}

#[test]
fn groups_that_somebody_binds_stay_in_an_entry_that_is_mended() {
    let beside = |inventory: &mut Inventory| {
        without_policies(inventory);
        fleets_binding(inventory, "oarlock:argocd");
        let mut other = cluster(inventory, ANALYTICS).kubernetes.bindings.last().unwrap().clone();
        other.name = "other".to_owned();
        other.subjects[0].name = "deployers".to_owned();
        other.role_ref.name = "nothing".to_owned();
        cluster(inventory, ANALYTICS).kubernetes.bindings.push(other);
    };
    let changes = broken(beside, &refused(ANALYST, "create", "configmaps", "", "reports"), "authorization");
    let [Change::EntryGroups { groups, .. }] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(groups, &["deployers", "oarlock:argocd"]);
}

#[test]
fn nobody_but_argo_cd_gets_the_group_that_oarlock_bound() {
    let text = refused(ANALYST, "create", "configmaps", "", "reports");
    let another_s = |inventory: &mut Inventory| {
        without_policies(inventory);
        fleets_binding(inventory, "oarlock:argocd");
        config(inventory, "cluster-analytics-eu", |config| {
            config["awsAuthConfig"]["roleARN"] = json!("arn:aws:iam::777788889999:role/somebody-else")
        });
    };
    let changes = broken(another_s, &text, "authorization");
    assert!(
        matches!(&changes[..], [Change::Rules(rules)] if rules.subject.name == "deployers"),
        "{changes:?}"
    );
    // Nor does anybody where it bound two: which is meant?
    let two = |inventory: &mut Inventory| {
        without_policies(inventory);
        fleets_binding(inventory, "oarlock:argocd");
        fleets_binding(inventory, "oarlock:argocd-reports");
    };
    let changes = broken(two, &text, "authorization");
    assert!(
        matches!(&changes[..], [Change::Rules(rules)] if rules.subject.name == "deployers"),
        "{changes:?}"
    );
}

#[test]
fn the_cache_gets_list_and_watch_of_the_kind() {
    let session = "arn:aws:sts::777788889999:assumed-role/argocd-analytics/1";
    let text = format!(
        "failed to sync cluster {}: failed to load initial state of resource Certificate.cert-manager.io: certificates.cert-manager.io is forbidden: User \"{session}\" cannot list resource \"certificates\" in API group \"cert-manager.io\" at the cluster scope",
        endpoint(ANALYTICS)
    );
    let changes = broken(without_policies, &text, "authorization");
    let [Change::Rules(rules)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(
        (rules.namespace.as_deref(), &rules.rules[0].verbs[..]),
        (None, &["list".to_owned(), "watch".to_owned()][..])
    );
}

#[test]
fn an_entry_without_a_group_gets_one_for_the_rule() {
    let without =
        |inventory: &mut Inventory| *known(&mut entry(inventory, EU, DEPLOYER).policies) = Vec::new();
    let changes = broken(without, &refused(DEPLOYER, "delete", "services", "", "checkout"), "authorization");
    assert!(matches!(&changes[..], [Change::EntryGroups { .. }, Change::Rules(_)]), "{changes:?}");
}

#[test]
fn a_policy_in_other_namespaces_leaves_a_rule_to_be_made() {
    let elsewhere = |inventory: &mut Inventory| {
        let policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy".to_owned();
        *known(&mut entry(inventory, ANALYTICS, ANALYST).policies) =
            vec![(policy, vec!["reports".to_owned()])];
    };
    let changes = broken(elsewhere, &refused(ANALYST, "create", "secrets", "", "ingest"), "authorization");
    assert!(
        matches!(&changes[..], [Change::Rules(rules)] if rules.namespace.as_deref() == Some("ingest")),
        "{changes:?}"
    );
}

#[test]
fn a_custom_resource_that_no_policy_has_is_a_rule() {
    let edit = |inventory: &mut Inventory| {
        let policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy".to_owned();
        *known(&mut entry(inventory, ANALYTICS, ANALYST).policies) = vec![(policy, Vec::new())];
    };
    let text = refused(ANALYST, "patch", "certificates", "cert-manager.io", "reports");
    let changes = broken(edit, &text, "authorization");
    assert!(matches!(&changes[..], [Change::Rules(_)]), "{changes:?}");
}

#[test]
fn a_namespace_is_read_by_a_cluster_role_with_its_name() {
    let session = "arn:aws:sts::777788889999:assumed-role/argocd-analytics/1";
    let text = format!(
        "namespaces \"reports\" is forbidden: User \"{session}\" cannot get resource \"namespaces\" in API group \"\" in the namespace \"reports\""
    );
    let changes = broken(without_policies, &text, "authorization");
    let [Change::Rules(rules)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(
        (rules.namespace.as_deref(), &rules.rules[0].resource_names[..]),
        (None, &["reports".to_owned()][..])
    );
}

#[test]
fn a_service_account_may_be_impersonated_by_its_name() {
    let session = "arn:aws:sts::777788889999:assumed-role/argocd-analytics/1";
    let text = format!(
        "serviceaccounts \"deployer\" is forbidden: User \"{session}\" cannot impersonate resource \"serviceaccounts\" in API group \"\" in the namespace \"reports\""
    );
    let changes = broken(without_policies, &text, "impersonation");
    let [Change::Rules(rules)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(
        (&rules.rules[0].verbs[..], &rules.rules[0].resource_names[..]),
        (&["impersonate".to_owned()][..], &["deployer".to_owned()][..])
    );
}

#[test]
fn the_account_that_constrained_impersonation_doesn_t_name_is_the_project_s() {
    let without =
        |inventory: &mut Inventory| *known(&mut entry(inventory, EU, DEPLOYER).policies) = Vec::new();
    let session = "arn:aws:sts::444455556666:assumed-role/argocd-deployer/1";
    let text = format!(
        "time=\"2026-11-17T05:55:40Z\" level=info msg=\"Sync operation to 7822 failed: one or more synchronization tasks are not valid: failed to discover server resources for group version v1: forbidden: User \\\"{session}\\\" cannot impersonate-on:serviceaccount:get path \\\"/api/v1\\\"\" application=checkout-prod-eu reason=OperationCompleted type=Warning"
    );
    let changes = broken(without, &text, "impersonation");
    let [.., Change::Rules(rules)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(rules.namespace.as_deref(), Some("checkout"));
    assert_eq!(
        (&rules.rules[0].verbs[..], &rules.rules[0].resource_names[..]),
        (&["impersonate".to_owned()][..], &["argocd-deployer".to_owned()][..])
    );
}

#[test]
fn argo_cd_on_its_own_cluster_is_a_service_account() {
    let unbound = |inventory: &mut Inventory| {
        cluster(inventory, HUB)
            .kubernetes
            .bindings
            .retain(|binding| binding.name != "argocd-application-controller")
    };
    let text = "deployments.apps \"front\" is forbidden: User \"system:serviceaccount:argocd:argocd-application-controller\" cannot patch resource \"deployments\" in API group \"apps\" in the namespace \"monitoring\"";
    let changes = broken(unbound, text, "authorization");
    assert!(
        matches!(&changes[..], [Change::Rules(rules)] if rules.subject.kind == "ServiceAccount"),
        "{changes:?}"
    );
}

#[test]
fn rules_that_are_handed_on_have_to_be_held_by_rbac() {
    let session = "arn:aws:sts::777788889999:assumed-role/argocd-analytics/1";
    let text = format!(
        "failed to sync cluster {}: clusterroles.rbac.authorization.k8s.io \"viewer\" is forbidden: user \"{session}\" (groups=[\"deployers\" \"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n{{APIGroups:[\"cert-manager.io\"], Resources:[\"certificates\"], Verbs:[\"get\" \"list\"]}}",
        endpoint(ANALYTICS)
    );
    let changes = broken(|_| {}, &text, "escalation");
    let [Change::Rules(rules)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(
        (rules.namespace.as_deref(), &rules.rules[0].verbs[..]),
        (None, &["get".to_owned(), "list".to_owned()][..])
    );
}
