//! What is there once steps have been done.

mod aws;
mod kubernetes;

use inventory::{AFTER_APPLY, Inventory};

use crate::{Action, Location, Object, ObjectId, Step, object::OIDC_PROVIDER};

/// The file of which a hop speaks that a plan makes.
pub(crate) const PLAN: &str = "the plan";

/// An inventory as it is once some of a plan's steps have been done. What wasn't read of it stays unread, and what only AWS will
/// know is [`AFTER_APPLY`].
pub fn after<'s>(inventory: &Inventory, steps: impl IntoIterator<Item = &'s Step>) -> Inventory {
    let mut inventory = inventory.clone();
    for step in steps {
        let is_new = matches!(step.action, Action::Create | Action::Replace { .. });
        match (&step.action, &step.desired) {
            (Action::Delete, _) => remove(&mut inventory, &step.object),
            (Action::Create | Action::Update { .. } | Action::Replace { .. }, Some(desired)) => {
                put(&mut inventory, &desired.location, &desired.object, is_new);
            }
            _ => {}
        }
    }
    inventory
}

/// `is_new`: it is made, or made again.
fn put(inventory: &mut Inventory, location: &Location, object: &Object, is_new: bool) {
    match object {
        Object::IamRole(role) => {
            if let Some(account) = inventory.accounts.get_mut(&role.arn.account) {
                aws::put_role(account, role, is_new);
            }
        }
        Object::OidcProvider(provider) => {
            if let Some(account) = inventory.accounts.get_mut(&provider.account) {
                aws::put_provider(account, provider);
            }
        }
        Object::AuthenticationMode(wanted) => {
            if let Some(cluster) = inventory.clusters.get_mut(&wanted.cluster) {
                aws::put_mode(cluster, wanted);
            }
        }
        Object::AccessEntry(entry) => {
            if let Some(cluster) = inventory.clusters.get_mut(&entry.cluster) {
                aws::put_entry(cluster, entry, is_new);
            }
        }
        Object::PodIdentityAssociation(association) => {
            if let Some(cluster) = inventory.clusters.get_mut(&association.cluster) {
                aws::put_association(cluster, association);
            }
        }
        Object::Kubernetes(object) => {
            if let Location::Cluster(arn) = location
                && let Some(cluster) = inventory.clusters.get_mut(arn)
            {
                kubernetes::apply(&mut cluster.kubernetes, object);
            }
        }
        Object::Restart(_) => {}
    }
}

fn remove(inventory: &mut Inventory, ObjectId { location, kind, name }: &ObjectId) {
    match location {
        Location::Account(account) => {
            let Some(account) = inventory.accounts.get_mut(account) else { return };
            if kind == OIDC_PROVIDER {
                aws::remove_provider(account, name);
            } else {
                aws::remove_role(account, name);
            }
        }
        Location::Eks(arn) => {
            let Some(cluster) = inventory.clusters.get_mut(arn) else { return };
            match name.split_once('/').filter(|_| kind == "pod identity association") {
                Some((namespace, account)) => aws::remove_association(cluster, namespace, account),
                None => aws::remove_entry(cluster, name),
            }
        }
        Location::Cluster(arn) => {
            let Some(cluster) = inventory.clusters.get_mut(arn) else { return };
            kubernetes::remove(&mut cluster.kubernetes, kind, name);
        }
    }
}

/// When something was made that is there afterwards: what is only changed keeps its date.
fn made(is_new: bool, before: Option<String>) -> Option<String> {
    if is_new { Some(AFTER_APPLY.to_owned()) } else { before }
}
