//! Policies, compiled once for each text: many requests are about the same ones.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, RwLock},
};

use iam::{DocumentError, Kind, Policy};

/// So many texts are remembered; then all are forgotten, so that a stream of ever new ones needs no more memory.
const REMEMBERED: usize = 20_000;

/// What a policy is attached to, its name and its text.
type Key = (Kind, Box<str>, Box<str>);

#[derive(Default)]
pub(super) struct Compiled {
    by_text: RwLock<HashMap<Key, Arc<Policy>>>,
}

impl Compiled {
    /// The policy of a document as it stands in a line: JSON, or a string that holds JSON.
    pub(super) fn policy(&self, name: &str, raw: &str, kind: Kind) -> Result<Arc<Policy>, DocumentError> {
        let key: Key = (kind, name.into(), raw.into());
        let known = self.by_text.read().ok().and_then(|by_text| by_text.get(&key).cloned());
        if let Some(policy) = known {
            return Ok(policy);
        }
        let text = match serde_json::from_str::<String>(raw) {
            Ok(text) => Cow::Owned(text),
            Err(_) => Cow::Borrowed(raw),
        };
        let policy = Arc::new(Policy::parse(name, &text, kind)?);
        if let Ok(mut by_text) = self.by_text.write() {
            if by_text.len() >= REMEMBERED {
                by_text.clear();
            }
            by_text.insert(key, Arc::clone(&policy));
        }
        Ok(policy)
    }
}
