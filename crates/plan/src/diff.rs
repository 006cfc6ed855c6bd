//! Desired objects against the inventory: what changes, and whose it is.

mod access;
mod aws;
mod aws_auth;
mod fields;
mod kubernetes;
mod projects;
mod secret;
mod superseded;
mod users;

use std::collections::BTreeSet;

use facts::Gap;
use fleet::Fleet;
use inventory::Inventory;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(crate) use access::{Access, annotated_role};
pub(crate) use aws::{is_stale, unread_roles};
pub(crate) use aws_auth::{has_path, is_effective, mappings};
pub(crate) use kubernetes::STRICT;
pub use kubernetes::resource;
pub(crate) use projects::wider;
pub use superseded::REMOVAL_LEFT_BEHIND;
pub(crate) use superseded::{Superseded, is_gone, superseded};

use crate::{
    Action, Change, DesiredObject, Location, Object, ObjectId, Owner, Ownership, Read, Step, desired::marks,
};

/// What the inventory says about one object.
pub(crate) enum Current {
    /// Nobody gave an inventory: nothing is compared.
    NotCompared,
    /// It certainly isn't there.
    Absent,
    /// It is there, and this is what of it Oarlock compares.
    Present {
        /// The comparable part, in the desired object's own shape.
        value: Value,
        /// Whether it carries this fleet's marks.
        owned: bool,
        /// Fields which, when they differ, need the object to be made again.
        immutable: &'static [&'static str],
        /// Fields below which what nobody wants is a difference, too.
        strict: &'static [&'static str],
    },
    /// Whether it is there wasn't read.
    Unknown(Gap),
}

/// One step for each desired object, in their order.
pub(crate) fn steps(
    desired: Vec<DesiredObject>,
    inventory: Option<&Inventory>,
    fleet: &Fleet,
    adopt: bool,
) -> Vec<Step> {
    let compared = |object: DesiredObject| {
        let current = current(&object, inventory, fleet);
        step(object, current, adopt)
    };
    let mut steps: Vec<Step> = desired.into_iter().map(compared).collect();
    skip_idle_restarts(&mut steps);
    steps
}

fn current(object: &DesiredObject, inventory: Option<&Inventory>, fleet: &Fleet) -> Current {
    let name = fleet.name.as_str();
    let Some(inventory) = inventory else { return Current::NotCompared };
    match &object.object {
        Object::IamRole(role) => aws::role(role, inventory, name),
        Object::OidcProvider(provider) => aws::oidc_provider(provider, inventory, name),
        Object::AuthenticationMode(wanted) => aws::authentication_mode(wanted, inventory),
        Object::AccessEntry(entry) => aws::access_entry(entry, inventory, fleet),
        Object::PodIdentityAssociation(association) => aws::association(association, inventory, name),
        Object::Kubernetes(wanted) => match &object.location {
            Location::Cluster(arn) => kubernetes::object(wanted, arn, inventory, name),
            Location::Account(_) | Location::Eks(_) => Current::NotCompared,
        },
        Object::Restart(_) => Current::Absent,
    }
}

fn step(object: DesiredObject, current: Current, adopt: bool) -> Step {
    let id = object.id();
    let mut reads = Vec::new();
    let mut owner = Owner::Owned;
    let action = match current {
        _ if matches!(object.object, Object::Restart(_)) => Action::Restart,
        Current::NotCompared => Action::Create,
        Current::Absent => {
            // That it isn't there was read, too.
            reads.push(Read::of(id.clone(), &Value::Null));
            Action::Create
        }
        Current::Unknown(missing) => Action::Unknown { missing },
        Current::Present { value, owned, immutable, strict } => {
            reads.push(Read::of(id.clone(), &value));
            owner = Owner::of(owned || is_everybodys(&object.object), adopt);
            action(fields::changes(&value, &wanted(&object.object), strict), immutable)
        }
    };
    Step {
        object: id,
        action,
        reason: object.reason.clone(),
        after: object.after.clone(),
        waits_for: Vec::new(),
        reads,
        owner,
        left_over: false,
        desired: Some(object),
    }
}

fn action(changes: Vec<Change>, immutable: &[&str]) -> Action {
    let is_immutable = |change: &Change| immutable.iter().any(|field| change.field.starts_with(field));
    if changes.is_empty() {
        Action::Unchanged
    } else if changes.iter().any(is_immutable) {
        Action::Replace { changes }
    } else {
        Action::Update { changes }
    }
}

/// Fields in other people's objects are taken by server-side apply, which is made for that. But an AppProject decides
/// what its owner's people may deploy: closing it is a change to what is theirs.
fn is_everybodys(object: &Object) -> bool {
    matches!(object, Object::Kubernetes(object)
        if object.ownership == Ownership::Fields && object.kind != "AppProject")
}

/// A restart only takes up what changed: without a change it doesn't happen.
fn skip_idle_restarts(steps: &mut [Step]) {
    let idle: BTreeSet<ObjectId> = steps
        .iter()
        .filter(|step| step.action == Action::Unchanged)
        .map(|step| step.object.clone())
        .collect();
    for step in steps.iter_mut().filter(|step| step.action == Action::Restart) {
        if !step.after.is_empty() && step.after.iter().all(|id| idle.contains(id)) {
            step.action = Action::Unchanged;
        }
    }
}

/// Puts steps before the restarts on their clusters, which then happen for their sake, too.
pub(crate) fn before_restarts(steps: &mut Vec<Step>, more: Vec<Step>) {
    let ids: Vec<ObjectId> = more.iter().map(|step| step.object.clone()).collect();
    let is_restart =
        |step: &Step| matches!(&step.desired, Some(desired) if matches!(desired.object, Object::Restart(_)));
    let here = |step: &Step| ids.iter().filter(|id| id.location == step.object.location).cloned().collect();
    for step in steps.iter_mut().filter(|step| is_restart(step)) {
        let before: Vec<ObjectId> = here(step);
        if !before.is_empty() {
            step.action = Action::Restart;
            step.after.extend(before);
        }
    }
    let first = steps.iter().position(is_restart).unwrap_or(steps.len());
    steps.splice(first..first, more);
}

/// A step waits for the pending ones that it comes after: what others hold back can't be built on. Who switches
/// Argo CD to a role that its pods don't have yet locks it out.
pub(crate) fn hold_back(steps: &mut [Step]) {
    let mut pending: BTreeSet<ObjectId> = BTreeSet::new();
    for step in steps {
        step.waits_for = step.after.iter().filter(|id| pending.contains(*id)).cloned().collect();
        if step.is_pending() {
            pending.insert(step.object.clone());
        }
    }
}

/// The desired object in the shape that [`Current::Present`] uses.
fn wanted(object: &Object) -> Value {
    match object {
        Object::IamRole(role) => aws::wanted_role(role),
        Object::OidcProvider(provider) => aws::wanted_provider(provider),
        Object::AuthenticationMode(wanted) => aws::wanted_mode(wanted),
        Object::AccessEntry(entry) => aws::wanted_entry(entry),
        Object::PodIdentityAssociation(association) => aws::wanted_association(association),
        Object::Kubernetes(object) => kubernetes::comparable(&object.body.value()),
        Object::Restart(_) => Value::Null,
    }
}

/// Whether tags or labels say that an object belongs to this fleet.
fn is_marked<'t>(tag: impl Fn(&str) -> Option<&'t str>, fleet: &str) -> bool {
    marks::are_in(tag, fleet)
}

pub(crate) fn digest(value: &Value) -> String {
    Sha256::digest(value.to_string()).iter().map(|byte| format!("{byte:02x}")).collect()
}
