//! What wasn't read is unknown, for exactly the objects concerned, and never made or removed on a guess.

use facts::Gap;
use inventory::Known;
use oarlock_plan::{Action, ObjectId, Plan};

use crate::{applied, fleets, planned, world};

fn unknown(plan: &Plan) -> Vec<&ObjectId> {
    let steps = plan.steps.iter().filter(|step| matches!(step.action, Action::Unknown { .. }));
    steps.map(|step| &step.object).collect()
}

#[test]
fn a_resource_that_was_not_read_is_unknown_and_nothing_else_is() {
    for fleet in fleets() {
        for (resource, kind) in [
            ("clusterroles", "ClusterRole"),
            ("rolebindings", "RoleBinding"),
            ("secrets", "Secret"),
            ("namespaces", "Namespace"),
            ("appprojects", "AppProject"),
        ] {
            let mut there = applied(&fleet);
            for cluster in there.clusters.values_mut() {
                cluster.kubernetes.objects.remove(resource);
            }
            let plan = planned(&fleet, Some(&there), false);
            let concerned: Vec<&ObjectId> =
                plan.steps.iter().map(|step| &step.object).filter(|id| id.kind == kind).collect();
            assert_eq!(unknown(&plan), concerned, "without {resource}");
            assert!(!plan.complete || concerned.is_empty(), "without {resource}");
            let others = plan.steps.iter().filter(|step| step.object.kind != kind);
            for step in others.filter(|step| step.object.kind != "restart") {
                assert_eq!(step.action, Action::Unchanged, "{}", step.object);
            }
        }
    }
}

#[test]
fn what_aws_did_not_tell_is_unknown() {
    let fleet = &fleets()[0];
    let mut there = applied(fleet);
    let gap = Gap::new("the access entries", "AccessDenied");
    for cluster in there.clusters.values_mut() {
        cluster.access_entries = Known::Gap(gap.clone());
    }
    let plan = planned(fleet, Some(&there), true);
    assert!(unknown(&plan).iter().all(|id| id.kind == "access entry") && !unknown(&plan).is_empty());
    assert!(plan.unknown.contains(&gap) && !plan.complete);
    let power = plan.proof.clusters[0].reached_before.clone().unwrap();
    assert!(power.unknown.contains(&gap), "power today isn't known either: {power:#?}");
}

#[test]
fn a_cluster_and_an_account_that_are_missing_are_gaps() {
    let fleet = &fleets()[0];
    let mut there = world::empty(fleet);
    there.clusters.clear();
    there.accounts.clear();
    let plan = planned(fleet, Some(&there), true);
    for step in &plan.steps {
        assert!(matches!(step.action, Action::Unknown { .. } | Action::Restart), "{step:#?}");
    }
    assert!(!plan.complete);
}
