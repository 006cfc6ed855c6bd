//! Ownership marks: what tells Oarlock's own objects from other people's.

use std::collections::BTreeMap;

pub use facts::{MANAGED_BY, OARLOCK};
use serde_json::{Value, json};

/// Says for which fleet.
pub const FLEET: &str = "oarlock.dev/fleet";

/// Tags of AWS objects.
pub fn tags(fleet: &str) -> BTreeMap<String, String> {
    [(MANAGED_BY, OARLOCK), (FLEET, fleet)].map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

/// Whether tags or labels say that an object belongs to a fleet.
pub(crate) fn are_in<'t>(tag: impl Fn(&str) -> Option<&'t str>, fleet: &str) -> bool {
    tag(MANAGED_BY) == Some(OARLOCK) && tag(FLEET) == Some(fleet)
}

/// Labels of Kubernetes objects: the same marks.
pub fn labels(fleet: &str) -> Value {
    json!(tags(fleet))
}
