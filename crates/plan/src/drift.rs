//! Drift: what isn't as it was made, or as it is wanted.

use std::collections::BTreeSet;

use facts::{AccountId, Gap};
use fleet::Fleet;
use inventory::Inventory;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    Action, DesiredObject, Object, ObjectId, Owner, Plan, Removal, Step,
    diff::{self, Access},
};

/// What has drifted, and what may have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    /// In the order in which they can be put right.
    pub objects: Vec<Drifted>,
    /// What wasn't read: whatever depends on it may have drifted.
    pub unknown: Vec<Gap>,
}

/// One object that isn't as it should be.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Drifted {
    /// The object, by its name in the fleet.
    pub object: ObjectId,
    /// What happened to it.
    pub drift: Happened,
    /// Whose it is by its marks: `foreign` where it doesn't carry the fleet's, or not any more.
    pub owner: Owner,
    /// One sentence: why it is wanted, or why not.
    pub reason: String,
    /// What would put it right, as a plan has it: `from` is what is there, `to` what should be.
    pub undo: Action,
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Happened {
    /// It isn't there.
    Removed,
    /// It is there and differs.
    Changed,
    /// It is there and shouldn't be.
    Added,
}

impl Drift {
    /// What is there against what the fleet file wants: all that the plan would change, and objects that it would change if they
    /// were Oarlock's. Whoever takes an object's marks away doesn't hide what else they did to it.
    pub fn from_fleet_file(plan: &Plan) -> Self {
        let objects = plan.steps.iter().filter_map(|step| drifted(step, |_| false));
        Self { objects: objects.collect(), unknown: plan.unknown.clone() }
    }

    /// What is there against a plan that was applied: the objects that it wanted and had not to leave alone, and Oarlock's own that
    /// it doesn't know. What it removed and is there again has drifted, too, whosever it is; so has what `removals` says was to go and didn't.
    pub fn from_applied(applied: &Plan, fleet: &Fleet, inventory: &Inventory, removals: &[Removal]) -> Self {
        let left: BTreeSet<&ObjectId> =
            applied.steps.iter().filter(|step| step.is_pending()).map(|step| &step.object).collect();
        let removed: BTreeSet<&ObjectId> = applied
            .steps
            .iter()
            .filter(|step| step.action == Action::Delete && !step.is_pending())
            .map(|step| &step.object)
            .collect();
        let wanted: Vec<DesiredObject> = applied
            .steps
            .iter()
            .filter_map(|step| step.desired.clone())
            .filter(|desired| !matches!(desired.object, Object::Restart(_)))
            .collect();
        let access = Access::of(fleet, inventory);
        let superseded = diff::superseded(fleet, inventory, &access, &wanted, false, removals);
        let made = wanted.into_iter().filter(|desired| !left.contains(&desired.id())).collect();
        let mut steps = diff::steps(made, Some(inventory), fleet, false);
        let mut unknown = unread(&steps);
        steps.extend(superseded.steps);
        unknown.extend(superseded.gaps);
        unknown.extend(unread_roles(applied, fleet, inventory));
        unknown.sort();
        unknown.dedup();
        let objects = steps.iter().filter_map(|step| drifted(step, |object| removed.contains(object)));
        Self { objects: objects.collect(), unknown }
    }

    /// Whether it is certain that nothing has drifted.
    pub fn is_clean(&self) -> bool {
        self.objects.is_empty() && self.unknown.is_empty()
    }
}

/// What a step would put right. One that removes what others made is none, unless that had been removed already, or was to be.
fn drifted(step: &Step, was_removed: impl Fn(&ObjectId) -> bool) -> Option<Drifted> {
    let drift = match &step.action {
        Action::Create => Happened::Removed,
        Action::Update { .. } | Action::Replace { .. } => Happened::Changed,
        Action::Delete if step.owner != Owner::Foreign || step.left_over || was_removed(&step.object) => {
            Happened::Added
        }
        Action::Delete | Action::Restart | Action::Unchanged | Action::Unknown { .. } => return None,
    };
    Some(Drifted {
        object: step.object.clone(),
        drift,
        owner: step.owner,
        reason: step.reason.clone(),
        undo: step.action.clone(),
    })
}

fn unread(steps: &[Step]) -> Vec<Gap> {
    let missing = |step: &Step| match &step.action {
        Action::Unknown { missing } => Some(missing.clone()),
        _ => None,
    };
    steps.iter().filter_map(missing).collect()
}

/// Where roles weren't read there may be some of Oarlock's that nobody wants any more.
fn unread_roles(applied: &Plan, fleet: &Fleet, inventory: &Inventory) -> Vec<Gap> {
    let named = applied.steps.iter().filter_map(|step| match &step.desired.as_ref()?.object {
        Object::IamRole(role) => Some(&role.arn.account),
        _ => None,
    });
    let accounts: BTreeSet<&AccountId> = fleet.arns().map(|arn| &arn.account).chain(named).collect();
    accounts.into_iter().filter_map(|account| diff::unread_roles(account, inventory)).collect()
}
