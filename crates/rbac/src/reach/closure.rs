//! Steps taken until nothing new is reached.

use std::collections::{BTreeMap, BTreeSet};

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
        for (entry, by, with) in open_ways(&reached.permissions, world) {
            let key = (entry.id, by.clone());
            if taken.get(&key).is_some_and(|(_, before)| *before == with) {
                continue;
            }
            fresh = true;
            let step = Step { entry, depth, gives: gain(entry, &by, &with, world), by, with };
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

type Way = (&'static Entry, Permission, Vec<Permission>);

/// What a set opens: entry, the permission that opens it, and those that it takes besides.
fn open_ways(held: &PermissionSet, world: &World<'_>) -> Vec<Way> {
    let open = CATALOGUE.iter().filter(|entry| match (entry.closed_in, world.minor) {
        (Some(closed), Some(minor)) => minor < closed,
        _ => true,
    });
    let mut ways = Vec::new();
    for entry in open {
        let by = entry.opened_by(held).into_iter().filter(|by| !said_by_wildcard(entry, by));
        ways.extend(by.map(|by| {
            let with = companions(entry, &by, held);
            (entry, by, with)
        }));
    }
    ways
}

/// `*` on everything somewhere matches every entry; the entry on wildcards says all of it that stays there.
fn said_by_wildcard(entry: &Entry, by: &Permission) -> bool {
    let everything = Permission::resource(by.scope().clone(), ALL, ALL, ALL);
    let stays = matches!(
        entry.gives,
        Gives::EverythingThere | Gives::ServiceAccounts | Gives::Roles | Gives::ClusterRoles | Gives::Outside
    );
    let cluster = *by.scope() == Scope::Cluster;
    *by == everything && (stays || cluster) && entry.id != WILDCARD
}

/// The permissions that an entry takes besides, wherever they meet the one that opens it.
fn companions(entry: &Entry, by: &Permission, held: &PermissionSet) -> Vec<Permission> {
    let patterns = entry.with.iter().flat_map(|any| any.iter());
    let matching = patterns.flat_map(|pattern| pattern.matching(held));
    let meeting = matching.filter(|other| narrower(other.scope(), by.scope()).is_some());
    meeting.collect::<BTreeSet<_>>().into_iter().collect()
}

/// What a step gives: in each scope in which all that it takes comes together, or nothing yet.
fn gain(entry: &Entry, by: &Permission, with: &[Permission], world: &World<'_>) -> Gain {
    let mut scopes = BTreeSet::from([by.scope().clone()]);
    let with: PermissionSet = with.iter().cloned().collect();
    for any in entry.with {
        let matching: Vec<Permission> = any.iter().flat_map(|pattern| pattern.matching(&with)).collect();
        let meeting =
            scopes.iter().flat_map(|scope| matching.iter().filter_map(|m| narrower(m.scope(), scope)));
        scopes = meeting.collect();
    }
    scopes.into_iter().fold(Gain::default(), |gain, scope| {
        let mut there = by.clone();
        if let Permission::Resource { scope: own, .. } = &mut there {
            *own = scope;
        }
        gain.and(world.gain(entry.gives, &there))
    })
}

fn narrower(a: &Scope, b: &Scope) -> Option<Scope> {
    meet(a, b, Scope::covers)
}
