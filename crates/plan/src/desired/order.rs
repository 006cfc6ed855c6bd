//! The order in which objects can be made.

use std::collections::{BTreeMap, BTreeSet};

use crate::object::{DesiredObject, ObjectId};

/// Each object once, after everything that it needs; what needs nothing of each other stands by id.
///
/// Dependencies on objects that aren't wanted are dropped. Objects on a circle, which nothing here makes, come last.
pub(super) fn sorted(objects: Vec<DesiredObject>) -> Vec<DesiredObject> {
    let mut waiting: BTreeMap<ObjectId, DesiredObject> = BTreeMap::new();
    for object in objects {
        waiting.entry(object.id()).or_insert(object);
    }
    let known: BTreeSet<ObjectId> = waiting.keys().cloned().collect();
    let mut missing: BTreeMap<ObjectId, usize> = BTreeMap::new();
    let mut unlocks: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
    for (id, object) in &mut waiting {
        object.after.retain(|needed| known.contains(needed) && needed != id);
        object.after.sort();
        object.after.dedup();
        missing.insert(id.clone(), object.after.len());
        for needed in &object.after {
            unlocks.entry(needed.clone()).or_default().push(id.clone());
        }
    }
    let mut ready: BTreeSet<ObjectId> =
        missing.iter().filter(|(_, count)| **count == 0).map(|(id, _)| id.clone()).collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    while let Some(id) = ready.pop_first() {
        ordered.extend(waiting.remove(&id));
        for unlocked in unlocks.remove(&id).unwrap_or_default() {
            if let Some(count) = missing.get_mut(&unlocked) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    ready.insert(unlocked);
                }
            }
        }
    }
    ordered.extend(waiting.into_values());
    ordered
}
