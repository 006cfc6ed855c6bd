//! From a name to the roles that it has, as Casbin's role manager goes (rbac/default-role-manager, `HasLink`).

use std::collections::{BTreeMap, btree_map::Entry};

use super::{
    PolicyLine,
    policy::{Grouping, Policy},
};

/// How many groupings may lie between a name and a role (Casbin's enforcer.go, `initRmMap`).
const MOST_STEPS: usize = 10;

/// Everything that a name stands for, itself included, each with the grouping that first led there.
pub(crate) struct Reach<'a> {
    from: BTreeMap<&'a str, Option<(&'a str, &'a Grouping)>>,
}

impl<'a> Reach<'a> {
    /// Goes from a name through the groupings of all these policies.
    pub(crate) fn of(name: &'a str, policies: &[&'a Policy]) -> Self {
        let mut from = BTreeMap::from([(name, None)]);
        let mut here = vec![name];
        for _ in 0..MOST_STEPS {
            let mut next = Vec::new();
            for member in here {
                for grouping in policies.iter().filter_map(|policy| policy.groupings.get(member)).flatten() {
                    if let Entry::Vacant(entry) = from.entry(grouping.role.as_str()) {
                        entry.insert(Some((member, grouping)));
                        next.push(grouping.role.as_str());
                    }
                }
            }
            here = next;
        }
        Self { from }
    }

    /// Whether the name has this role, or is it.
    pub(crate) fn has(&self, role: &str) -> bool {
        self.from.contains_key(role)
    }

    /// The groupings from the name to this role, the shortest way.
    pub(crate) fn way(&self, role: &str) -> Vec<PolicyLine> {
        let mut way = Vec::new();
        let mut role = role;
        while let Some(Some((member, grouping))) = self.from.get(role) {
            way.push(grouping.line.clone());
            role = member;
        }
        way.reverse();
        way
    }
}
