//! Names of resources inside a module.

use std::collections::{BTreeMap, BTreeSet};

use crate::{DesiredObject, ObjectId, render::text};

/// The address of each object's main resource, and labels that no two resources share.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeSet<(String, String)>,
    addresses: BTreeMap<ObjectId, String>,
}

impl Names {
    /// A label for `name`, unique among resources of `kind`. Names that become the same label get a digest of the
    /// name rather than a number, so that a third one doesn't rename the second.
    pub(super) fn label(&mut self, kind: &str, name: &str) -> String {
        let plain = label(name);
        let label = if self.taken.contains(&(kind.to_owned(), plain.clone())) {
            format!("{plain}_{}", text::digest(name))
        } else {
            plain
        };
        self.taken.insert((kind.to_owned(), label.clone()));
        label
    }

    /// A label for an object, remembered so that others can depend on it.
    pub(super) fn object(&mut self, object: &DesiredObject, kind: &str, name: &str) -> String {
        let label = self.label(kind, name);
        self.addresses.insert(object.id(), format!("{kind}.{label}"));
        label
    }

    /// Addresses of what `object` needs and is in this module.
    pub(super) fn needed_by(&self, object: &DesiredObject) -> Vec<String> {
        let mut all: Vec<String> =
            object.after.iter().filter_map(|id| self.addresses.get(id).cloned()).collect();
        all.sort();
        all.dedup();
        all
    }
}

/// Letters, digits and underscores, starting with a letter.
pub(super) fn label(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        let c = if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
        if !(c == '_' && (out.is_empty() || out.ends_with('_'))) {
            out.push(c);
        }
    }
    let out = out.trim_end_matches('_');
    if out.starts_with(|c: char| c.is_ascii_alphabetic()) { out.to_owned() } else { format!("n{out}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_identifiers() {
        assert_eq!(label("oarlock-hub.Controller"), "oarlock_hub_controller");
        assert_eq!(label("012"), "n012");
        assert_eq!(label("💥"), "n");
    }

    #[test]
    fn names_that_become_one_label_stay_apart() {
        let mut names = Names::default();
        assert_eq!(names.label("aws_iam_role", "a-b"), "a_b");
        assert_eq!(names.label("aws_iam_role_policy", "a-b"), "a_b");
        assert_ne!(names.label("aws_iam_role", "a.b"), "a_b");
    }
}
