//! What earlier plans were to remove, and runs that applied them didn't come to.

use std::collections::{BTreeMap, BTreeSet};

use facts::{AccountId, Finding, RoleArn, Severity};
use inventory::{Cluster, Inventory};

use super::{By, Finder, Unnecessary};
use crate::{
    Location, ObjectId, Owner, Removal,
    diff::{access::annotated_role, kubernetes::resource, mappings},
    object::{ROLE_ANNOTATION, ROLE_MAPPING},
};

/// The finding of something that was to go, and that this plan can't see or sees no reason to remove.
pub const REMOVAL_LEFT_BEHIND: &str = "removal-left-behind";

/// So many of the objects that were forgotten are named.
const NAMED: usize = 3;

const LEFT: &str =
    "Argo CD came this way before; a run of `oarlock apply` ended before it could go, and it is as it was";
const CHANGED: &str =
    "a run of `oarlock apply` ended before it could go, and it has changed since: the plan leaves it";

/// The removals of earlier plans.
#[derive(Debug)]
pub(super) struct LeftOver<'r> {
    removals: BTreeMap<&'r ObjectId, &'r Removal>,
    /// The roles that they are about, by account and name: aws-auth leaves paths out.
    roles: BTreeSet<(AccountId, String)>,
}

impl<'r> LeftOver<'r> {
    pub(super) fn of(removals: &'r [Removal]) -> Self {
        Self {
            removals: removals.iter().map(|removal| (&removal.object, removal)).collect(),
            roles: removals.iter().filter_map(|removal| role(&removal.object)).collect(),
        }
    }

    /// Whether something was to go by which a role came, or the role itself.
    fn is_about(&self, role: &RoleArn) -> bool {
        self.roles.contains(&(role.account.clone(), role.name.clone()))
    }
}

fn role(object: &ObjectId) -> Option<(AccountId, String)> {
    match (&object.location, object.kind.as_str()) {
        (Location::Account(account), "iam role") => Some((account.clone(), object.name.clone())),
        (_, "access entry" | ROLE_MAPPING) => {
            let role: RoleArn = object.name.parse().ok()?;
            Some((role.account, role.name))
        }
        _ => None,
    }
}

impl Finder<'_> {
    /// By what it is known that something goes; nothing where it stays. What is wanted again isn't removed, whoever was to remove it.
    pub(super) fn by(&self, object: &ObjectId, owned: bool, today: bool) -> Option<By> {
        if self.wanted.contains(object) {
            None
        } else if owned || today && !self.fleet.ends {
            Some(By::marks(owned))
        } else {
            self.left_over.removals.contains_key(object).then_some(By::Memory)
        }
    }

    /// Whose it is, and whether it is left over. `--adopt` of the earlier plan holds for what still is what it was.
    pub(super) fn owner(&self, it: &Unnecessary) -> (Owner, bool) {
        match (it.by, self.left_over.removals.get(&it.object)) {
            (By::Marks, _) => (Owner::Owned, false),
            (_, Some(was)) if was.owner == Owner::Adopt && was.covers(&it.reads) => (Owner::Adopt, true),
            (By::Today, _) => (Owner::of(false, self.adopt), false),
            (By::Memory, _) => (Owner::Foreign, true),
        }
    }

    /// Why it goes, or should have gone.
    pub(super) fn reason(&mut self, it: &Unnecessary, owner: Owner) -> String {
        match (it.by, owner) {
            (By::Memory, Owner::Foreign) => {
                self.tell_of(&it.object, "removal-changed", CHANGED);
                CHANGED.to_owned()
            }
            (By::Memory, _) => LEFT.to_owned(),
            (By::Marks | By::Today, _) => it.reason.clone(),
        }
    }

    /// Whether a principal is a role by which Argo CD comes, or came before a plan that was begun to be applied.
    pub(super) fn is_argo_cds(&self, principal: &str) -> bool {
        self.access.role(principal).is_some()
            || principal.parse().is_ok_and(|role| self.left_over.is_about(&role))
    }

    /// What was to go and this plan can't see, or sees no reason to remove.
    pub(super) fn left_behind(&mut self, inventory: &Inventory) {
        let done: BTreeSet<&ObjectId> =
            self.found.steps.iter().chain(&self.found.before_restarts).map(|step| &step.object).collect();
        let open = self.left_over.removals.keys().copied();
        let open: Vec<&ObjectId> =
            open.filter(|object| !self.wanted.contains(*object) && !done.contains(*object)).collect();
        let (forgotten, open): (Vec<&ObjectId>, Vec<&ObjectId>) = open
            .into_iter()
            .partition(|object| self.is_forgotten(object) && !self.is_read(object, inventory));
        self.tell_of_forgotten(forgotten);
        for object in open {
            match is_there(object, inventory) {
                None if !self.is_read(object, inventory) => self.tell_of(
                    object,
                    REMOVAL_LEFT_BEHIND,
                    "a run of `oarlock apply` ended before it could go, and it is nowhere in this fleet any more",
                ),
                // Of roles and mappings that stay, others are told of, or that they can't be removed.
                Some(true) if !["iam role", ROLE_MAPPING].contains(&object.kind.as_str()) => self.tell_of(
                    object,
                    REMOVAL_LEFT_BEHIND,
                    "a run of `oarlock apply` ended before it could go, and this plan has no reason to remove it",
                ),
                _ => {}
            }
        }
    }

    /// Whether an earlier plan made it where the fleet file doesn't lead any more.
    fn is_forgotten(&self, object: &ObjectId) -> bool {
        self.left_over.removals.get(object).is_some_and(|removal| removal.reads.is_empty())
    }

    /// One finding for each place, since there are many of a cluster.
    fn tell_of_forgotten(&mut self, forgotten: Vec<&ObjectId>) {
        let mut places: BTreeMap<String, Vec<&ObjectId>> = BTreeMap::new();
        for object in forgotten {
            let place = match &object.location {
                Location::Eks(arn) | Location::Cluster(arn) => arn.to_string(),
                Location::Account(account) => format!("account {account}"),
            };
            places.entry(place).or_default().push(object);
        }
        for (place, objects) in places {
            let mut names: Vec<String> = objects.iter().take(NAMED).map(ToString::to_string).collect();
            names.extend(objects.get(NAMED..).filter(|more| !more.is_empty()).map(|_| "…".to_owned()));
            let message = format!(
                "{place} isn't in the fleet file any more, and {} that Oarlock made there may still be there: {}",
                facts::count(objects.len(), "object"),
                names.join(", ")
            );
            let finding = Finding::new(REMOVAL_LEFT_BEHIND, Severity::Warning, message)
                .with_help("name the cluster in the fleet file once more, with `leaving: true`, and apply: then they go")
                .with_help("if the cluster is gone, take them out of `removals.json` in the state folder (`.oarlock/`)");
            self.found.findings.push(finding);
        }
    }

    fn is_read(&self, object: &ObjectId, inventory: &Inventory) -> bool {
        match &object.location {
            Location::Account(account) => inventory.accounts.contains_key(account),
            Location::Eks(arn) | Location::Cluster(arn) => self.fleet.knows(arn),
        }
    }

    fn tell_of(&mut self, object: &ObjectId, id: &'static str, why: &str) {
        let message = format!("{object} of {}: {why}", object.location);
        let mut finding = Finding::new(id, Severity::Warning, message)
            .with_help("remove it yourself, if it is of no use any more")
            .with_help("if it is to stay, take it out of `removals.json` in the state folder (`.oarlock/`)");
        if let Location::Eks(arn) | Location::Cluster(arn) = &object.location {
            finding = finding.on(self.name(arn));
        }
        self.found.findings.push(finding);
    }
}

/// Whether something certainly isn't there any more.
pub(crate) fn is_gone(object: &ObjectId, inventory: &Inventory) -> bool {
    is_there(object, inventory) == Some(false)
}

/// Whether something is there, if that was read.
fn is_there(object: &ObjectId, inventory: &Inventory) -> Option<bool> {
    match &object.location {
        Location::Account(account) => in_account(object, inventory, account),
        Location::Eks(arn) => in_eks(object, inventory.clusters.get(arn)?),
        Location::Cluster(arn) => in_cluster(object, inventory.clusters.get(arn)?),
    }
}

fn in_account(object: &ObjectId, inventory: &Inventory, account: &AccountId) -> Option<bool> {
    let roles = inventory.accounts.get(account)?.roles.known()?;
    (object.kind == "iam role").then(|| roles.contains_key(&object.name))
}

fn in_eks(object: &ObjectId, cluster: &Cluster) -> Option<bool> {
    if object.kind == "access entry" {
        return Some(cluster.access_entries.known()?.contains_key(&object.name));
    }
    let (namespace, name) = object.name.split_once('/')?;
    let associations = cluster.pod_identity_associations.known()?;
    Some(associations.contains_key(&(namespace.to_owned(), name.to_owned())))
}

fn in_cluster(object: &ObjectId, cluster: &Cluster) -> Option<bool> {
    let (namespace, name) = match object.name.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, object.name.as_str()),
    };
    match object.kind.as_str() {
        ROLE_MAPPING => Some(mappings(cluster).ok()?.iter().any(|mapping| mapping.arn == object.name)),
        ROLE_ANNOTATION => {
            cluster.kubernetes.list("serviceaccounts").ok()?;
            let account = cluster.kubernetes.find("serviceaccounts", namespace, name);
            Some(account.and_then(annotated_role).is_some())
        }
        kind => {
            let list = cluster.kubernetes.list(&resource(api_version(kind), kind)).ok()?;
            Some(list.iter().any(|there| there.name == name && there.namespace.as_deref() == namespace))
        }
    }
}

fn api_version(kind: &str) -> &'static str {
    if kind.contains("Role") { "rbac.authorization.k8s.io/v1" } else { "v1" }
}

#[cfg(test)]
mod tests {
    use facts::ClusterArn;

    use super::*;

    #[test]
    fn a_role_is_known_by_what_was_to_go_whatever_its_path() {
        let cluster: ClusterArn = "arn:aws:eks:eu-west-1:111122223333:cluster/prod".parse().unwrap();
        let removal = |location: Location, kind: &str, name: &str| Removal {
            object: ObjectId { location, kind: kind.to_owned(), name: name.to_owned() },
            reads: Vec::new(),
            owner: Owner::Adopt,
        };
        let removals = [
            removal(Location::Account("111122223333".parse().unwrap()), "iam role", "hub"),
            removal(Location::Cluster(cluster), ROLE_MAPPING, "arn:aws:iam::111122223333:role/mapped"),
        ];
        let left_over = LeftOver::of(&removals);
        let is_about = |name: &str| {
            left_over.is_about(&format!("arn:aws:iam::111122223333:role/{name}").parse().unwrap())
        };
        assert!(is_about("hub") && is_about("path/mapped") && !is_about("other"));
    }
}
