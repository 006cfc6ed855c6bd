//! What a request says of itself beside who, what and on what: the keys that conditions ask for.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// The keys of a request with their values. Names of keys have no case (IAM User Guide, "IAM JSON policy elements:
/// Condition").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// By key in lower case, sorted.
    entries: Vec<(Box<str>, ContextValue)>,
    /// Whether a key that isn't here may be in the request all the same.
    open: bool,
}

/// The value of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ContextValue {
    /// Of a single-valued key.
    One(String),
    /// Of a multivalued key, perhaps none: that is as if the key were absent.
    Many(Vec<String>),
}

/// What is known of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup<'c> {
    One(&'c str),
    Many(&'c [String]),
    Absent,
    Unknown,
}

impl Context {
    /// The keys, of which no other is in the request.
    pub fn complete(keys: impl IntoIterator<Item = (String, ContextValue)>) -> Self {
        let sorted: BTreeMap<Box<str>, ContextValue> =
            keys.into_iter().map(|(key, value)| (key.to_lowercase().into(), value)).collect();
        Self { entries: sorted.into_iter().collect(), open: false }
    }

    /// The keys that are known; whether others are in the request is not.
    pub fn open(keys: impl IntoIterator<Item = (String, ContextValue)>) -> Self {
        Self { open: true, ..Self::complete(keys) }
    }

    /// These keys with one more, or with another value of it.
    #[must_use]
    pub fn with(mut self, (key, value): (String, ContextValue)) -> Self {
        let key = key.to_lowercase();
        match self.position(&key) {
            Ok(at) => drop(self.entries.get_mut(at).map(|(_, own)| *own = value)),
            Err(at) => self.entries.insert(at, (key.into(), value)),
        }
        self
    }

    /// Adds what the request itself determines, unless it is there already.
    pub(crate) fn determine(&mut self, key: &str, value: impl Into<String>) {
        if let Err(at) = self.position(key) {
            self.entries.insert(at, (key.into(), ContextValue::One(value.into())));
        }
    }

    /// The value of a key, whose name is in lower case.
    pub(crate) fn get(&self, key: &str) -> Lookup<'_> {
        match self.position(key).ok().and_then(|at| self.entries.get(at)) {
            Some((_, ContextValue::One(value))) => Lookup::One(value),
            Some((_, ContextValue::Many(values))) if values.is_empty() => Lookup::Absent,
            Some((_, ContextValue::Many(values))) => Lookup::Many(values),
            None if self.open => Lookup::Unknown,
            None => Lookup::Absent,
        }
    }

    fn position(&self, key: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|(own, _)| (**own).cmp(key))
    }
}
