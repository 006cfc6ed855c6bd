//! A small set in one piece of memory.

/// A set as a sorted list. Most have one to ten members, are copied and compared all the time, and seldom grow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SortedSet<T>(Vec<T>);

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy + Ord> SortedSet<T> {
    /// The set of one member.
    pub(super) fn of(member: T) -> Self {
        Self(vec![member])
    }

    /// Members in order.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    pub(super) fn contains(&self, member: &T) -> bool {
        self.0.binary_search(member).is_ok()
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        for member in &other.0 {
            if let Err(at) = self.0.binary_search(member) {
                self.0.insert(at, *member);
            }
        }
    }

    pub(super) fn is_subset(&self, other: &Self) -> bool {
        self.0.len() <= other.0.len() && self.0.iter().all(|member| other.contains(member))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn set(members: &BTreeSet<u32>) -> SortedSet<u32> {
        let mut set = SortedSet::default();
        members.iter().rev().for_each(|member| set.add_all(&SortedSet::of(*member)));
        set
    }

    proptest! {
        #[test]
        fn is_a_set_like_the_librarys(
            a in prop::collection::btree_set(0u32..12, 0..8),
            b in prop::collection::btree_set(0u32..12, 0..8),
        ) {
            let (mut ours, theirs) = (set(&a), set(&b));
            prop_assert!(ours.iter().eq(a.iter()));
            prop_assert_eq!(ours.is_subset(&theirs), a.is_subset(&b));
            prop_assert_eq!(ours.cmp(&theirs), a.cmp(&b));
            ours.add_all(&theirs);
            prop_assert!(ours.iter().eq(a.union(&b)));
            prop_assert!((0..12).all(|member| ours.contains(&member) == (a.contains(&member) || b.contains(&member))));
        }
    }
}
