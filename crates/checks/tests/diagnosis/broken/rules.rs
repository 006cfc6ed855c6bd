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
