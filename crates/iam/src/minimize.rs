//! The smallest documents for a set of permissions.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Conditions, Document, Effect, Element, Statement, Values};

/// Permission for one action on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// For example `s3:GetObject`; wildcards mean what they mean in policies.
    pub action: String,
    /// Likewise, an ARN or `*`.
    pub resource: String,
    /// What a request has to meet.
    pub conditions: Conditions,
}

impl Grant {
    /// Without conditions.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), conditions: Conditions::new() }
    }

    /// For exactly one request: what looks like a wildcard or a variable stands for itself (IAM User Guide, "IAM policy
    /// elements: Variables and tags").
    pub fn exactly(action: impl Into<String>, resource: &str) -> Self {
        let escape = |c: char| match c {
            '*' | '?' | '$' => format!("${{{c}}}"),
            c => c.to_string(),
        };
        let resource = if resource == "*" { "*".to_owned() } else { resource.chars().map(escape).collect() };
        Self::new(action, resource)
    }
}

/// Actions on resources, all on all.
type Block = (Values, Values);

/// Documents that allow what is granted and nothing else, with as few characters as found, each within a limit.
///
/// Actions and resources stand in one statement only where each of the actions is granted on each of the resources. None if
/// one grant is larger than the limit.
pub fn minimize(grants: &[Grant], limit: usize) -> Option<Vec<Document>> {
    let mut by_conditions: BTreeMap<&Conditions, BTreeSet<(&str, &str)>> = BTreeMap::new();
    for Grant { action, resource, conditions } in grants {
        by_conditions.entry(conditions).or_default().insert((action, resource));
    }
    let mut statements = Vec::new();
    for (conditions, pairs) in by_conditions {
        statements.extend(blocks(&pairs).into_iter().map(|block| statement(block, conditions)));
    }
    if statements.is_empty() {
        return Some(Vec::new());
    }
    Document::new(statements).shrink().split(limit)
}

/// The blocks of which a set of pairs is made up: by actions that are granted on the same resources, or by resources on
/// which the same actions are granted, whichever is shorter.
fn blocks(pairs: &BTreeSet<(&str, &str)>) -> Vec<Block> {
    let by_actions = grouped(pairs.iter().copied());
    let by_resources = grouped(pairs.iter().map(|(action, resource)| (*resource, *action)));
    let by_resources = by_resources.into_iter().map(|(resources, actions)| (actions, resources)).collect();
    [by_actions, by_resources].into_iter().min_by_key(|blocks| length(blocks.as_slice())).unwrap_or_default()
}

/// What stands on the left, united where it stands with the same on the right.
fn grouped<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Vec<Block> {
    let mut right: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (left, one) in pairs {
        right.entry(left).or_default().insert(one);
    }
    let mut left: BTreeMap<BTreeSet<&str>, BTreeSet<&str>> = BTreeMap::new();
    for (one, all) in right {
        left.entry(all).or_default().insert(one);
    }
    let owned = |words: BTreeSet<&str>| words.into_iter().map(str::to_owned).collect();
    left.into_iter().map(|(right, left)| (owned(left), owned(right))).collect()
}

fn length(blocks: &[Block]) -> usize {
    let statements = blocks.iter().map(|block| statement(block.clone(), &Conditions::new()));
    Document::new(statements).size()
}

fn statement((actions, resources): Block, conditions: &Conditions) -> Statement {
    Statement {
        sid: String::new(),
        effect: Effect::Allow,
        principals: None,
        actions: Element::Only(actions),
        resources: Some(Element::Only(resources)),
        conditions: conditions.clone(),
    }
}
