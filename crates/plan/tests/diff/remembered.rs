//! Removals that a run didn't come to: the next plan takes them up, and nothing else for their sake.

use facts::Severity;
use inventory::Inventory;
use oarlock_plan::{Action, Drift, Happened, Location, Owner, Plan, Planned, Removal, Step, after};

use crate::{
    fleets, is_ordered, planned_with,
    removal::{OLD_HUB, OLD_SPOKE, removed, today},
    world,
};

/// What was there before, and the plan that replaces it with its removals.
fn begun(fleet: &fleet::Fleet) -> (Inventory, Planned) {
    let there = today(fleet);
    let planned = planned_with(fleet, &there, true, &[]);
    (there, planned)
}

/// The run ends when the new ways are there, and before any of the old ones goes.
fn stopped(there: &Inventory, plan: &Plan) -> Inventory {
    let made: Vec<&Step> = plan.steps.iter().filter(|step| step.action != Action::Delete).collect();
    after(there, made)
}

fn deletions(plan: &Plan) -> Vec<&Step> {
    plan.steps.iter().filter(|step| step.action == Action::Delete).collect()
}

fn has_finding(plan: &Plan, id: &str) -> bool {
    plan.findings.iter().any(|finding| finding.id == id && finding.severity == Severity::Warning)
}

#[test]
fn what_nothing_names_any_more_is_taken_up_for_the_earlier_plans_adoption() {
    let fleet = &fleets()[0];
    let (there, first) = begun(fleet);
    let there = stopped(&there, &first.plan);
    let forgetful = planned_with(fleet, &there, true, &[]);
    assert_eq!(removed(&forgetful.plan), [], "nothing that is there tells");

    let next = planned_with(fleet, &there, false, &first.removals);
    assert_eq!(removed(&next.plan), removed(&first.plan));
    is_ordered(&next.plan);
    for step in deletions(&next.plan) {
        assert!(step.left_over && !step.is_pending() && step.owner == Owner::Adopt, "{step:#?}");
        assert!(step.reason.contains("a run of `oarlock apply` ended"), "{}", step.reason);
    }
    let entry = deletions(&next.plan)[0];
    for kind in ["access entry", "ClusterRoleBinding", "Secret", "restart"] {
        assert!(entry.after.iter().any(|id| id.kind == kind), "the entry goes before the {kind}");
    }
    assert_eq!(next.removals, first.removals, "until they are gone");
    let end = planned_with(fleet, &after(&there, &next.plan.steps), false, &next.removals);
    assert!(removed(&end.plan).is_empty() && end.removals.is_empty(), "{:#?}", end.removals);
}

#[test]
fn wherever_a_run_ends_the_next_ones_come_to_the_same_end() {
    for fleet in &fleets()[..4] {
        let (before, first) = begun(fleet);
        let ends = |mut there: Inventory, mut removals: Vec<Removal>| {
            for _ in 0..4 {
                let next = planned_with(fleet, &there, true, &removals);
                is_ordered(&next.plan);
                if !next.plan.has_changes() {
                    assert_eq!(next.removals, [], "all is gone");
                    return there;
                }
                there = after(&there, &next.plan.steps);
                removals = next.removals;
            }
            panic!("there is always something to do");
        };
        let end = ends(before.clone(), Vec::new());
        let principals = |there: &Inventory| {
            let entries = there.clusters.values().flat_map(|cluster| cluster.access_entries.known());
            let roles = there.accounts.values().flat_map(|account| account.roles.known());
            let entries = entries.flat_map(|entries| entries.keys().cloned());
            let all: Vec<String> = entries.chain(roles.flat_map(|roles| roles.keys().cloned())).collect();
            all
        };
        for until in 0..first.plan.steps.len() {
            let there = after(&before, &first.plan.steps[..until]);
            assert_eq!(principals(&ends(there, first.removals.clone())), principals(&end), "after {until}");
        }
        let old = [OLD_SPOKE, OLD_HUB].map(|arn| arn.rsplit('/').next().unwrap());
        assert!(principals(&end).iter().all(|own| old.iter().all(|old| !own.ends_with(old))));
    }
}

#[test]
fn what_others_made_is_remembered_only_where_it_was_to_be_adopted() {
    let fleet = &fleets()[0];
    assert_eq!(planned_with(fleet, &today(fleet), false, &[]).removals, []);
    let names: Vec<String> = begun(fleet).1.removals.iter().map(|own| own.object.name.clone()).collect();
    assert_eq!(names, ["argocd-management", "argocd-deployer", OLD_SPOKE]);
}

#[test]
fn what_has_changed_since_stays_and_is_told_with_adoption_or_without() {
    let fleet = &fleets()[0];
    let (there, first) = begun(fleet);
    let mut there = stopped(&there, &first.plan);
    let arn = fleet.clusters[0].arn.clone();
    let entries = world::known(&mut world::cluster_of(&mut there, &arn).access_entries);
    entries.get_mut(OLD_SPOKE).unwrap().groups = vec!["people".to_owned()];
    for adopt in [false, true] {
        let next = planned_with(fleet, &there, adopt, &first.removals);
        let entry = deletions(&next.plan)[0];
        assert_eq!(entry.object.name, OLD_SPOKE);
        assert!(entry.is_pending() && entry.owner == Owner::Foreign && entry.left_over);
        assert!(has_finding(&next.plan, "removal-changed"));
        assert!(next.removals.contains(&first.removals[2]), "as it was, should it be that again");
        let role = deletions(&next.plan).into_iter().find(|step| step.object.name == "argocd-deployer");
        assert!(role.unwrap().is_pending(), "the entry is still its own");
    }
}

#[test]
fn a_role_that_lost_some_of_its_policies_is_what_is_left_of_it_and_one_that_got_more_has_changed() {
    let fleet = &fleets()[0];
    let mut there = today(fleet);
    let account = "444455556666".parse().unwrap();
    fn role<'w>(there: &'w mut Inventory, account: &facts::AccountId) -> &'w mut inventory::IamRole {
        world::known(&mut world::account_of(there, account).roles).get_mut("argocd-deployer").unwrap()
    }
    for name in ["one", "two"] {
        let document = serde_json::json!({"Version": "2012-10-17", "Statement": []});
        role(&mut there, &account).inline_policies.insert(name.to_owned(), document);
    }
    let first = planned_with(fleet, &there, true, &[]);
    let mut there = stopped(&there, &first.plan);
    role(&mut there, &account).inline_policies.remove("one");
    let next = planned_with(fleet, &there, false, &first.removals);
    let step = |plan: &Plan| {
        let found = deletions(plan).into_iter().find(|step| step.object.name == "argocd-deployer");
        found.unwrap().clone()
    };
    assert!(!step(&next.plan).is_pending());
    assert_eq!(next.removals, first.removals, "all that was to go, for whoever is stopped again");

    let more = "arn:aws:iam::aws:policy/AdministratorAccess".to_owned();
    role(&mut there, &account).managed_policies.insert(more, None);
    let next = planned_with(fleet, &there, false, &first.removals);
    assert!(step(&next.plan).is_pending() && has_finding(&next.plan, "removal-changed"));
}

#[test]
fn what_is_wanted_again_is_never_removed() {
    let fleet = &fleets()[0];
    let there = crate::applied(fleet);
    let plan = planned_with(fleet, &there, true, &[]).plan;
    let all: Vec<Removal> = plan
        .steps
        .iter()
        .map(|step| Removal { object: step.object.clone(), reads: step.reads.clone(), owner: Owner::Adopt })
        .collect();
    let next = planned_with(fleet, &there, true, &all);
    assert_eq!(removed(&next.plan), []);
    assert!(!next.plan.has_changes() && !has_finding(&next.plan, "removal-left-behind"));
}

#[test]
fn a_role_that_somebody_uses_by_now_stays() {
    let fleet = &fleets()[0];
    let (there, first) = begun(fleet);
    let mut there = stopped(&there, &first.plan);
    let account = serde_json::json!({"apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": "backup", "namespace": "ops", "annotations": {"eks.amazonaws.com/role-arn": OLD_SPOKE}}});
    world::kubernetes(&mut there, &fleet.clusters[0].arn, account);
    let next = planned_with(fleet, &there, true, &first.removals);
    assert!(!removed(&next.plan).contains(&("iam role", "argocd-deployer")));
    assert!(has_finding(&next.plan, "superseded-role-is-shared"));
}

#[test]
fn what_is_on_a_cluster_that_left_the_fleet_is_told() {
    let fleet = &fleets()[0];
    let (there, first) = begun(fleet);
    let there = stopped(&there, &first.plan);
    let mut elsewhere = first.removals[2].clone();
    elsewhere.object.location =
        Location::Eks("arn:aws:eks:eu-west-1:444455556666:cluster/left".parse().unwrap());
    let next = planned_with(fleet, &there, true, std::slice::from_ref(&elsewhere));
    assert_eq!(removed(&next.plan), []);
    assert!(has_finding(&next.plan, oarlock_plan::REMOVAL_LEFT_BEHIND));
    assert_eq!(next.removals, [elsewhere], "it may come back");
}

#[test]
fn what_was_to_go_and_is_there_has_drifted() {
    let fleet = &fleets()[0];
    let (there, first) = begun(fleet);
    let there = stopped(&there, &first.plan);
    let plan = planned_with(fleet, &there, false, &first.removals).plan;
    let applied = Drift::from_applied(&first.plan, fleet, &there, &first.removals);
    for drift in [Drift::from_fleet_file(&plan), applied] {
        let added = drift.objects.iter().filter(|own| own.drift == Happened::Added);
        let names: Vec<&str> = added.map(|own| own.object.name.as_str()).collect();
        assert_eq!(names, [OLD_SPOKE, "argocd-deployer", "argocd-management"]);
    }
}
