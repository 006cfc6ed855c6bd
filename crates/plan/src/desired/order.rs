//! The order in which objects can be made.

use std::collections::BTreeSet;

use crate::object::{DesiredObject, ObjectId};

/// Each object once, after everything that it needs; what needs nothing of each other stands by id.
///
/// Dependencies on objects that aren't wanted are dropped. Objects on a circle, which nothing here makes, come last.
pub(super) fn sorted(objects: Vec<DesiredObject>) -> Vec<DesiredObject> {
    let mut objects: Vec<(ObjectId, DesiredObject)> =
        objects.into_iter().map(|object| (object.id(), object)).collect();
    objects.sort_by(|(a, _), (b, _)| a.cmp(b));
    objects.dedup_by(|(later, _), (first, _)| later == first);
    let (ids, mut objects): (Vec<ObjectId>, Vec<DesiredObject>) = objects.into_iter().unzip();

    // From here on an object is its place among the ids.
    let mut unlocks: Vec<Vec<usize>> = vec![Vec::new(); ids.len()];
    let mut missing: Vec<usize> = Vec::with_capacity(ids.len());
    for (own, object) in objects.iter_mut().enumerate() {
        let is_wanted = |needed: &ObjectId| ids.binary_search(needed).is_ok_and(|needed| needed != own);
        object.after.retain(is_wanted);
        object.after.sort();
        object.after.dedup();
        missing.push(object.after.len());
        for needed in object.after.iter().filter_map(|needed| ids.binary_search(needed).ok()) {
            if let Some(unlocks) = unlocks.get_mut(needed) {
                unlocks.push(own);
            }
        }
    }
    let mut ready: BTreeSet<usize> =
        missing.iter().enumerate().filter(|(_, count)| **count == 0).map(|(own, _)| own).collect();
    let mut waiting: Vec<Option<DesiredObject>> = objects.into_iter().map(Some).collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    while let Some(own) = ready.pop_first() {
        ordered.extend(waiting.get_mut(own).and_then(Option::take));
        for unlocked in unlocks.get_mut(own).map(std::mem::take).unwrap_or_default() {
            if let Some(count) = missing.get_mut(unlocked) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    ready.insert(unlocked);
                }
            }
        }
    }
    ordered.extend(waiting.into_iter().flatten());
    ordered
}
