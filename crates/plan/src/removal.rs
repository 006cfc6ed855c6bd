//! What a plan takes away, remembered until it is gone.
//!
//! The roles by which Argo CD comes are recognised by what names them: cluster Secrets, associations, annotations. Once these name
//! others, nothing that is there tells that an access entry was Argo CD's. So whoever applies a plan keeps its removals, and gives them
//! to the next plan.

use std::collections::{BTreeMap, BTreeSet};

use facts::AccountId;
use fleet::Fleet;
use inventory::Inventory;
use serde::{Deserialize, Serialize};

use crate::{Action, Location, Object, ObjectId, Owner, Ownership, Plan, Read, Step, diff};

/// A removal of a plan that was begun to be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Removal {
    /// What was to go.
    pub object: ObjectId,
    /// What it was, part by part.
    pub reads: Vec<Read>,
    /// Whose it was: what others made is among them only where the plan was made with `--adopt`.
    pub owner: Owner,
}

impl Removal {
    /// What a step takes away, if it does and isn't pending.
    fn of(step: &Step) -> Option<Self> {
        (step.action == Action::Delete && !step.is_pending()).then(|| Self {
            object: step.object.clone(),
            reads: step.reads.clone(),
            owner: step.owner,
        })
    }

    /// What a plan that was applied has made where the fleet file doesn't lead any more: on clusters that it doesn't name, in accounts of
    /// none of its clusters. What it was isn't known from there.
    pub fn of_forgotten(applied: &Plan, fleet: &Fleet) -> Vec<Self> {
        let own: BTreeSet<&AccountId> = fleet.arns().map(|arn| &arn.account).collect();
        let is_forgotten = |location: &Location| match location {
            Location::Eks(arn) | Location::Cluster(arn) => !fleet.knows(arn),
            Location::Account(account) => !own.contains(account),
        };
        let made = applied.steps.iter().filter(|step| {
            let stays = |object: &Object| match object {
                Object::Kubernetes(object) => object.ownership == Ownership::Fields,
                Object::OidcProvider(_) | Object::AuthenticationMode(_) | Object::Restart(_) => true,
                Object::IamRole(_) | Object::AccessEntry(_) | Object::PodIdentityAssociation(_) => false,
            };
            !step.is_pending() && step.desired.as_ref().is_some_and(|desired| !stays(&desired.object))
        });
        let forgotten = made.filter(|step| is_forgotten(&step.object.location));
        forgotten
            .map(|step| Self { object: step.object.clone(), reads: Vec::new(), owner: Owner::Owned })
            .collect()
    }

    /// Whether what was read is what was to go, or what a run that was ended in the middle left of it.
    pub(crate) fn covers(&self, reads: &[Read]) -> bool {
        reads.iter().all(|read| self.reads.contains(read))
    }
}

/// What whoever applies these steps has to remember before anything is changed: their removals, and those of earlier plans of which it
/// isn't certain that they are gone.
pub(crate) fn remembered(earlier: &[Removal], steps: &[Step], inventory: Option<&Inventory>) -> Vec<Removal> {
    let is_gone =
        |removal: &&Removal| inventory.is_some_and(|inventory| diff::is_gone(&removal.object, inventory));
    let kept = earlier.iter().filter(|removal| !is_gone(removal)).cloned();
    let mut all: BTreeMap<ObjectId, Removal> =
        kept.map(|removal| (removal.object.clone(), removal)).collect();
    for new in steps.iter().filter_map(Removal::of) {
        // What is left of it isn't all that was to go.
        let is_the_same = |old: &Removal| old.owner == new.owner && old.covers(&new.reads);
        if !all.get(&new.object).is_some_and(is_the_same) {
            all.insert(new.object.clone(), new);
        }
    }
    all.into_values().collect()
}
