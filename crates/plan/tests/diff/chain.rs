//! The proof through all hops, on the inventory as the plan leaves it.

use access::{At, Hop};
use inventory::{Inventory, Known, Organization, OrganizationPolicy, PolicyType};
use oarlock_plan::{Action, Change, Plan, Step, Unmet, after};
use serde_json::json;

use crate::{applied, changed, fleets, planned, world};

/// All that isn't met, on whichever cluster.
fn unmet(plan: &Plan) -> Vec<&Unmet> {
    plan.proof.clusters.iter().flat_map(|cluster| &cluster.unmet).collect()
}

/// The hops at which needs end.
fn ends(plan: &Plan) -> Vec<At> {
    let mut ends: Vec<At> =
        unmet(plan).iter().filter_map(|unmet| unmet.hop.as_ref().map(|hop: &Hop| hop.at)).collect();
    ends.sort();
    ends.dedup();
    ends
}

#[test]
fn each_identity_has_its_hops_and_all_of_them_pass() {
    for fleet in fleets() {
        let plan = planned(&fleet, Some(&applied(&fleet)), false);
        assert!(plan.proof.chain);
        for cluster in &plan.proof.clusters {
            assert!(cluster.ways.len() >= 2, "{cluster:#?}");
            let hops = cluster.ways.iter().flat_map(|way| &way.hops);
            assert!(hops.clone().all(Hop::is_passed), "{:#?}", hops.collect::<Vec<_>>());
        }
    }
}

#[test]
fn what_a_plan_does_makes_the_next_plan_empty() {
    for fleet in fleets() {
        for adopt in [false, true] {
            let mut there = applied(&fleet);
            for cluster in there.clusters.values_mut() {
                world::known(&mut cluster.access_entries).clear();
                cluster.kubernetes.roles.retain(|role| role.namespace.is_some());
                cluster.kubernetes.objects.get_mut("clusterroles").unwrap().clear();
            }
            let plan = planned(&fleet, Some(&there), adopt);
            assert!(plan.has_changes());
            let then = planned(&fleet, Some(&after(&there, &plan.steps)), adopt);
            assert_eq!(changed(&then), Vec::<&Step>::new());
            assert_eq!(unmet(&then), Vec::<&Unmet>::new());
        }
    }
}

#[test]
fn an_entry_that_is_older_than_its_role_is_made_again() {
    let fleet = &fleets()[0];
    let mut there = applied(fleet);
    let arn = fleet.clusters[0].arn.clone();
    let entries = world::known(&mut world::cluster_of(&mut there, &arn).access_entries);
    entries.values_mut().for_each(|entry| entry.created_at = Some("2025-01-01T00:00:00Z".to_owned()));
    let plan = planned(fleet, Some(&there), false);
    let entry = plan.steps.iter().find(|step| step.object.kind == "access entry").unwrap();
    let Action::Replace { changes } = &entry.action else { panic!("{entry:#?}") };
    assert_eq!(changes.iter().map(|Change { field, .. }| field.as_str()).collect::<Vec<_>>(), ["made for"]);
    assert_eq!(unmet(&plan), Vec::<&Unmet>::new());
    assert_eq!(changed(&planned(fleet, Some(&after(&there, &plan.steps)), false)), Vec::<&Step>::new());
}

#[test]
fn an_organisation_that_denies_the_role_chain_ends_all_that_comes_by_it() {
    let fleet = &fleets()[0];
    let mut there = applied(fleet);
    deny(&mut there, "sts:AssumeRole");
    let plan = planned(fleet, Some(&there), false);
    assert_eq!(ends(&plan), [At::AssumeRole]);
    assert!(plan.has_unmet_needs() && !plan.has_undecided_needs());
    let witness = unmet(&plan)[0].hop.clone().unwrap();
    assert!(witness.by.contains("SCP `guard`"), "{}", witness.by);
}

#[test]
fn pods_that_nobody_made_come_nowhere() {
    let fleet = &fleets()[0];
    let mut there = applied(fleet);
    let hub = world::cluster_of(&mut there, &fleet.hub.arn);
    hub.kubernetes.objects.get_mut("serviceaccounts").unwrap().clear();
    assert_eq!(ends(&planned(fleet, Some(&there), false)), [At::ServiceAccount]);
}

#[test]
fn what_was_not_read_is_missing_and_neither_met_nor_unmet() {
    let fleet = &fleets()[0];
    let mut there = applied(fleet);
    there.organization = Known::default();
    let plan = planned(fleet, Some(&there), false);
    assert!(plan.has_undecided_needs() && !plan.has_unmet_needs());
    assert!(unmet(&plan).iter().all(|unmet| unmet.hop.is_none() && !unmet.missing.is_empty()));
}

#[test]
fn without_an_inventory_the_rules_alone_are_proven() {
    for fleet in fleets() {
        let plan = planned(&fleet, None, false);
        assert!(!plan.proof.chain);
        assert!(plan.proof.clusters.iter().all(|cluster| cluster.ways.is_empty()));
        assert_eq!(unmet(&plan), Vec::<&Unmet>::new());
    }
}

/// Puts all accounts below a root with a policy that denies an action.
fn deny(there: &mut Inventory, action: &str) {
    let policy = |name: &str, document| OrganizationPolicy {
        id: format!("p-{name}"),
        name: name.to_owned(),
        document: Known::Known(document),
        targets: Known::Known(["r-1".to_owned()].into()),
        place: world::place(),
    };
    let statement = |effect: &str, action: &str| json!({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]});
    let policies = [policy("full", statement("Allow", "*")), policy("guard", statement("Deny", action))];
    let of_accounts = there.accounts.keys().map(|account| (account.to_string(), "r-1".to_owned()));
    let full = [policy("rcp", statement("Allow", "*"))];
    let keyed = |all: Vec<OrganizationPolicy>| all.into_iter().map(|one| (one.id.clone(), one)).collect();
    there.organization = Known::Known(Organization {
        management_account: Some("999988887777".parse().unwrap()),
        id: Some("o-1".to_owned()),
        enabled: PolicyType::ALL.map(|of| (of, of == PolicyType::ServiceControl)).into(),
        parents: of_accounts.collect(),
        policies: [
            (PolicyType::ServiceControl, keyed(policies.into())),
            (PolicyType::ResourceControl, keyed(full.into())),
        ]
        .into(),
    });
}
