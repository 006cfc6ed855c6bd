//! Plans against inventories: empty after apply, one change for one change, nothing guessed, nothing removed too early.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod bridge;
mod chain;
mod drift;
#[path = "../desired/fleet.rs"]
#[allow(dead_code, reason = "the other tests use the rest of it")]
mod fleets;
mod gaps;
mod leaving;
mod mutations;
mod order;
mod remembered;
mod removal;
mod world;

use std::collections::BTreeSet;

use fleet::Fleet;
use inventory::Inventory;
use oarlock_plan::{Action, Input, ObjectId, Plan, Planned, Removal, Step, plan};

/// Fleets of every topology and identity, with one Application.
pub(crate) fn fleets() -> Vec<Fleet> {
    let mut specs: Vec<String> = Vec::new();
    for identity in ["pod-identity", "irsa"] {
        for topology in ["chained", "direct"] {
            specs.push(fleets::one_spoke(identity, topology));
        }
    }
    specs.push(format!("{}  impersonation: true\n", fleets::one_spoke("pod-identity", "chained")));
    specs.push(format!("{}  cache: inclusions\n", fleets::one_spoke("pod-identity", "chained")));
    specs.push(
        "  hub:
    arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub
    argocd: {version: '3.5', install: eks-capability}
  clusters:
  - {arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/hub', name: prod, project: default}
"
        .to_owned(),
    );
    specs.push(
        "  hub:
    arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub
    argocd: {version: '3.5'}
  clusters:
  - {arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/hub', name: prod, namespaces: [web]}
"
        .to_owned(),
    );
    specs.iter().map(|spec| fleets::fleet(spec)).collect()
}

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd}
spec:
  project: default
  source: {repoURL: 'https://git.example.com/shop', path: .}
  destination: {name: prod, namespace: web}
";

const PROJECT: &str = "apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: default, namespace: argocd}
spec:
  sourceRepos: ['*']
  destinations: [{server: '*', namespace: '*'}]
";

pub(crate) fn planned(fleet: &Fleet, inventory: Option<&Inventory>, adopt: bool) -> Plan {
    made(fleet, inventory, adopt, &[]).plan
}

/// With what earlier plans were to remove.
pub(crate) fn planned_with(fleet: &Fleet, there: &Inventory, adopt: bool, removals: &[Removal]) -> Planned {
    made(fleet, Some(there), adopt, removals)
}

fn made(fleet: &Fleet, inventory: Option<&Inventory>, adopt: bool, removals: &[Removal]) -> Planned {
    let input = Input {
        inventory,
        removals: removals.to_vec(),
        projects: fleets::objects(PROJECT),
        applications: fleets::applications(APPLICATION),
        ..fleets::input(fleet)
    };
    plan(input, adopt).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A world in which the fleet's plan has been applied.
pub(crate) fn applied(fleet: &Fleet) -> Inventory {
    world::applied(fleet, &planned(fleet, None, false).desired())
}

pub(crate) fn changed(plan: &Plan) -> Vec<&Step> {
    plan.steps.iter().filter(|step| step.action != Action::Unchanged).collect()
}

#[test]
fn without_an_inventory_everything_is_made() {
    for fleet in fleets() {
        let plan = planned(&fleet, None, false);
        assert!(plan.steps.len() > 3);
        for step in &plan.steps {
            assert!(matches!(step.action, Action::Create | Action::Restart), "{step:#?}");
        }
    }
}

#[test]
fn in_an_empty_world_everything_is_made_and_that_nothing_was_there_was_read() {
    for fleet in fleets() {
        let empty = world::empty(&fleet);
        let plan = planned(&fleet, Some(&empty), false);
        for step in &plan.steps {
            assert!(matches!(step.action, Action::Create | Action::Restart), "{step:#?}");
            assert_eq!(step.reads.len(), usize::from(step.action == Action::Create), "{step:#?}");
        }
    }
}

#[test]
fn the_plan_after_apply_is_empty() {
    for fleet in fleets() {
        let world = applied(&fleet);
        let plan = planned(&fleet, Some(&world), false);
        assert_eq!(changed(&plan), Vec::<&Step>::new());
        assert!(!plan.has_changes());
        let kinds = ["restart"];
        for step in plan.steps.iter().filter(|step| !kinds.contains(&step.object.kind.as_str())) {
            assert_eq!(step.reads.len(), 1, "{step:#?}");
        }
        for cluster in &plan.proof.clusters {
            assert_eq!(cluster.unmet, [], "{}", cluster.cluster);
            assert!(!cluster.reached_after.cluster_admin);
            let mistakes = cluster.beyond.iter().filter(|line| line.reason.contains("no need asks"));
            assert_eq!(mistakes.count(), 0);
        }
    }
}

/// Ids are unique, and every step stands after all that it comes after.
pub(crate) fn is_ordered(plan: &Plan) {
    let mut seen: BTreeSet<&ObjectId> = BTreeSet::new();
    for step in &plan.steps {
        for needed in &step.after {
            assert!(seen.contains(needed), "{} comes before {needed}", step.object);
        }
        assert!(seen.insert(&step.object), "{} is there twice", step.object);
    }
}

#[test]
fn an_oidc_provider_that_others_made_is_relied_on_and_not_rendered() {
    let fleet = &fleets()[2];
    let mut there = applied(fleet);
    let has_provider = |plan: &Plan| plan.desired().objects.iter().any(|o| o.id().kind == "oidc provider");
    assert!(has_provider(&planned(fleet, None, false)));
    assert!(has_provider(&planned(fleet, Some(&there), false)), "Oarlock's own stays in the files");
    let account = world::account_of(&mut there, &fleet.hub.arn.account);
    world::known(&mut account.oidc_providers).values_mut().for_each(|provider| provider.tags.clear());
    for adopt in [false, true] {
        let plan = planned(fleet, Some(&there), adopt);
        assert_eq!(changed(&plan), Vec::<&Step>::new());
        assert!(!has_provider(&plan));
    }
}
