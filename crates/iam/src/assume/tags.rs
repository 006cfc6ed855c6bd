//! Tags of principals, whose keys have no case (STS API Reference, "AssumeRole": "Tag key–value pairs are not case sensitive, but case
//! is preserved").

use std::collections::{BTreeMap, BTreeSet};

/// Tags, by key. Of several that differ in case alone the last one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, (String, String)>);

impl Tags {
    /// Keys and values, as they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.values().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The value of a key, in any case.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(&key.to_lowercase()).map(|(_, value)| value.as_str())
    }

    /// These, and of the others those whose keys aren't among these.
    pub(super) fn over(self, mut others: Self) -> Self {
        others.0.extend(self.0);
        others
    }

    /// Those with these keys.
    pub(super) fn only(&self, keys: &BTreeSet<String>) -> Self {
        let keys: BTreeSet<String> = keys.iter().map(|key| key.to_lowercase()).collect();
        Self(
            self.0
                .iter()
                .filter(|(key, _)| keys.contains(*key))
                .map(|(key, tag)| (key.clone(), tag.clone()))
                .collect(),
        )
    }
}

impl FromIterator<(String, String)> for Tags {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(tags: I) -> Self {
        Self(tags.into_iter().map(|(key, value)| (key.to_lowercase(), (key, value))).collect())
    }
}
