//! Steps taken until nothing new is reached.

use std::{
    cell::LazyCell,
    collections::{BTreeMap, BTreeSet},
};

use facts::Gap;
use serde::Serialize;

use super::{CATALOGUE, Entry, Gain, Gives, World, catalogue::WILDCARD};
use crate::{
    Permission, PermissionSet, Scope,
    pattern::{ALL, meet},
};

/// What is reached from a set of permissions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// The steps, in the order in which they become possible.
    pub entries: Vec<Step>,
    /// All that is held in the end, what was held before included.
    pub permissions: PermissionSet,
    /// Why more may be reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Gap>,
}

/// One step: an entry of the catalogue that a permission opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The entry.
    pub entry: &'static Entry,
    /// The permission that opens it.
    pub by: Permission,
    /// The permissions held that the entry takes besides; where they are not enough, nothing is given yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<Permission>,
    /// How many steps come before it.
    pub depth: usize,
    /// What it gives.
    pub gives: Gain,
}

/// All that can be reached from `held`, and how.
///
/// Whoever reaches everything is at the end: what else opens from there is not listed.
pub fn reached(held: &PermissionSet, world: &World<'_>) -> Reached {
    let mut reached = Reached { permissions: held.clone(), ..Reached::default() };
    // A step is taken again when more of what it takes besides has been reached.
    let mut taken: BTreeMap<(&str, Permission), (usize, Vec<Permission>)> = BTreeMap::new();
    for depth in 0.. {
        let mut fresh = false;
        for opening in openings(&reached.permissions, world.minor) {
            let key = (opening.entry.id, opening.by.clone());
            if taken.get(&key).is_some_and(|(_, before)| *before == opening.with) {
                continue;
            }
            fresh = true;
            let gives = opening.gain(world);
            let Opening { entry, by, with } = opening;
            let step = Step { entry, by, with, depth, gives };
            match taken.get(&key).and_then(|(index, _)| reached.entries.get_mut(*index)) {
                Some(before) => {
                    taken.entry(key).and_modify(|(_, with)| with.clone_from(&step.with));
                    *before = step;
                }
                None => {
                    taken.insert(key, (reached.entries.len(), step.with.clone()));
                    reached.entries.push(step);
                }
            }
        }
        for step in reached.entries.iter().filter(|step| step.depth == depth) {
            reached.permissions.extend(step.gives.permissions.iter());
        }
        if !fresh || reached.permissions.is_everything() {
            break;
        }
    }
    let unknown: BTreeSet<Gap> = reached.entries.iter().flat_map(|step| step.gives.unknown.clone()).collect();
    reached.unknown = unknown.into_iter().collect();
    reached
}

/// An entry that is open to a set of permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The entry.
    pub entry: &'static Entry,
    /// The permission that opens it.
    pub by: Permission,
    /// The permissions held that the entry takes besides.
    pub with: Vec<Permission>,
}

/// What a set opens. A version of Kubernetes that closed a way is one of which the minor number is known.
pub fn openings(held: &PermissionSet, minor: Option<u32>) -> Vec<Opening> {
    let open = CATALOGUE.iter().filter(|entry| match (entry.closed_in, minor) {
        (Some(closed), Some(minor)) => minor < closed,
        _ => true,
    });
    let mut openings = Vec::new();
    for entry in open {
        let by = entry.opened_by(held).into_iter().filter(|by| !said_by_wildcard(entry, by));
        let besides = LazyCell::new(|| besides(entry, held));
        openings.extend(by.map(|by| Opening { entry, with: companions(&besides, &by), by }));
    }
    openings
}

impl Opening {
    /// The permission in each scope in which all that the entry takes comes together: none, and nothing is given yet.
    pub fn where_complete(&self) -> Vec<Permission> {
        let mut scopes = BTreeSet::from([self.by.scope().clone()]);
        let with: PermissionSet = self.with.iter().cloned().collect();
        for any in self.entry.with {
            let matching: Vec<Permission> = any.iter().flat_map(|pattern| pattern.matching(&with)).collect();
            let meeting =
                scopes.iter().flat_map(|scope| matching.iter().filter_map(|m| narrower(m.scope(), scope)));
            scopes = meeting.collect();
        }
        let there = |scope| {
            let mut there = self.by.clone();
            if let Permission::Resource { scope: own, .. } = &mut there {
                *own = scope;
            }
            there
        };
        scopes.into_iter().map(there).collect()
    }

    /// What that gives in a cluster.
    fn gain(&self, world: &World<'_>) -> Gain {
        let there = self.where_complete();
        there.iter().fold(Gain::default(), |gain, there| gain.and(world.gain(self.entry.gives, there)))
    }
}

/// `*` on everything somewhere matches every entry; the entry on wildcards says all of it that stays there.
fn said_by_wildcard(entry: &Entry, by: &Permission) -> bool {
    let stays = matches!(
        entry.gives,
        Gives::EverythingThere | Gives::ServiceAccounts | Gives::Roles | Gives::ClusterRoles | Gives::Outside
    );
    let cluster = *by.scope() == Scope::Cluster;
    is_everything(by) && (stays || cluster) && entry.id != WILDCARD
}

/// Whether it is everything where it holds.
fn is_everything(permission: &Permission) -> bool {
    match permission {
        Permission::Resource { group, resource, verb, name: None, .. } => {
            [group, resource, verb].into_iter().all(|word| &**word == ALL)
        }
        _ => false,
    }
}

/// The permissions that an entry takes besides, wherever they hold.
fn besides(entry: &Entry, held: &PermissionSet) -> BTreeSet<Permission> {
    let patterns = entry.with.iter().flat_map(|any| any.iter());
    patterns.flat_map(|pattern| pattern.matching(held)).collect()
}

/// Those of them that meet the one that opens it.
fn companions(besides: &BTreeSet<Permission>, by: &Permission) -> Vec<Permission> {
    let meeting = besides.iter().filter(|other| narrower(other.scope(), by.scope()).is_some());
    meeting.cloned().collect()
}

fn narrower(a: &Scope, b: &Scope) -> Option<Scope> {
    meet(a, b, Scope::covers)
}
