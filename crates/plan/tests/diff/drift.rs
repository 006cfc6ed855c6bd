//! Drift: nothing where nobody did anything, and whatever somebody did.

use inventory::{Inventory, Known};
use oarlock_plan::{Action, Drift, Happened, Owner, Plan, after};

use crate::{applied, fleets, planned, world};

/// What drifted: what happened to it, its kind, and whose it is.
fn seen(drift: &Drift) -> Vec<(Happened, &str, Owner)> {
    drift.objects.iter().map(|own| (own.drift, own.object.kind.as_str(), own.owner)).collect()
}

/// Both comparisons of a world with what was applied to it.
fn both(fleet: &fleet::Fleet, made: &Plan, there: &Inventory) -> [Drift; 2] {
    [
        Drift::from_applied(made, fleet, there, &[]),
        Drift::from_fleet_file(&planned(fleet, Some(there), false)),
    ]
}

#[test]
fn nothing_drifts_by_itself() {
    for fleet in fleets() {
        let made = planned(&fleet, Some(&world::empty(&fleet)), false);
        let there = after(&applied(&fleet), &made.steps);
        for drift in both(&fleet, &made, &there) {
            assert_eq!(drift, Drift::default());
            assert!(drift.is_clean());
        }
    }
}

#[test]
fn what_somebody_removed_changed_or_added_is_told() {
    let fleet = &fleets()[0];
    let made = planned(fleet, None, false);
    let there = applied(fleet);
    let arn = fleet.clusters[0].arn.clone();

    let mut removed = there.clone();
    world::known(&mut world::cluster_of(&mut removed, &arn).access_entries).clear();
    for drift in both(fleet, &made, &removed) {
        assert_eq!(seen(&drift), [(Happened::Removed, "access entry", Owner::Owned)]);
        assert_eq!(drift.objects[0].undo, Action::Create);
    }

    let mut changed = there.clone();
    let entries = world::known(&mut world::cluster_of(&mut changed, &arn).access_entries);
    entries.values_mut().for_each(|entry| entry.groups.push("system-masters".to_owned()));
    for drift in both(fleet, &made, &changed) {
        assert_eq!(seen(&drift), [(Happened::Changed, "access entry", Owner::Owned)]);
        let Action::Update { changes } = &drift.objects[0].undo else { panic!("{drift:#?}") };
        assert_eq!(changes[0].field, "groups");
    }

    let mut added = there.clone();
    let entries = world::known(&mut world::cluster_of(&mut added, &arn).access_entries);
    let mut more = entries.values().next().unwrap().clone();
    more.principal = "arn:aws:iam::444455556666:role/somebody".to_owned();
    entries.insert(more.principal.clone(), more);
    for drift in both(fleet, &made, &added) {
        assert_eq!(seen(&drift), [(Happened::Added, "access entry", Owner::Owned)]);
        assert_eq!(drift.objects[0].undo, Action::Delete);
    }
}

#[test]
fn taking_the_marks_away_hides_nothing() {
    let fleet = &fleets()[0];
    let made = planned(fleet, None, false);
    let mut there = applied(fleet);
    let arn = fleet.clusters[0].arn.clone();
    let entries = world::known(&mut world::cluster_of(&mut there, &arn).access_entries);
    for entry in entries.values_mut() {
        entry.tags.clear();
        entry.groups = vec!["admins".to_owned()];
    }
    for drift in both(fleet, &made, &there) {
        assert_eq!(seen(&drift), [(Happened::Changed, "access entry", Owner::Foreign)]);
    }
}

#[test]
fn what_was_not_read_is_unknown_and_never_clean() {
    let fleet = &fleets()[0];
    let made = planned(fleet, None, false);
    let mut there = applied(fleet);
    let arn = fleet.clusters[0].arn.clone();
    let gap = facts::Gap::new("the access entries", "AccessDenied");
    world::cluster_of(&mut there, &arn).access_entries = Known::Gap(gap.clone());
    for drift in both(fleet, &made, &there) {
        assert!(drift.objects.is_empty() && !drift.is_clean(), "{drift:#?}");
        assert!(drift.unknown.contains(&gap), "{:#?}", drift.unknown);
    }
    there.accounts.clear();
    assert!(!Drift::from_applied(&made, fleet, &there, &[]).is_clean());
}

#[test]
fn what_a_plan_had_to_leave_alone_is_no_drift_from_it() {
    let fleet = &fleets()[0];
    let mut there = applied(fleet);
    let arn = fleet.clusters[0].arn.clone();
    let entries = world::known(&mut world::cluster_of(&mut there, &arn).access_entries);
    for entry in entries.values_mut() {
        entry.tags.clear();
        entry.groups = vec!["theirs".to_owned()];
    }
    let made = planned(fleet, Some(&there), false);
    assert!(made.steps.iter().any(oarlock_plan::Step::is_pending));
    assert_eq!(seen(&Drift::from_applied(&made, fleet, &there, &[])), []);
}
