//! Policies, compiled once for each text: many requests are about the same ones.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, RwLock},
};

use foldhash::fast::RandomState;
use iam::{Kind, Policy};
use serde::Deserialize;
use serde_json::value::RawValue;

/// So many texts are remembered; then all are forgotten, so that a stream of ever new ones needs no more memory.
const REMEMBERED: usize = 20_000;

#[derive(Default)]
pub(super) struct Compiled {
    /// Nearly always one for each text: its name and what it is attached to hardly ever differ.
    by_text: RwLock<HashMap<Box<str>, Vec<Known>, RandomState>>,
}

/// A policy, with what it was read as.
struct Known {
    default: &'static str,
    kind: Kind,
    policy: Arc<Policy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named<'l> {
    #[serde(borrow, default)]
    name: Cow<'l, str>,
    #[serde(borrow)]
    document: &'l RawValue,
}

impl Compiled {
    /// The policy that stands in a line: by name, or the document alone, whose name is then the default.
    pub(super) fn policy(&self, raw: &str, default: &'static str, kind: Kind) -> Result<Arc<Policy>, String> {
        if let Some(policy) = self.known(raw, default, kind) {
            return Ok(policy);
        }
        let policy = Arc::new(read(raw, default, kind)?);
        if let Ok(mut by_text) = self.by_text.write() {
            if by_text.len() >= REMEMBERED {
                by_text.clear();
            }
            let known = Known { default, kind, policy: Arc::clone(&policy) };
            by_text.entry(raw.into()).or_default().push(known);
        }
        Ok(policy)
    }

    fn known(&self, raw: &str, default: &str, kind: Kind) -> Option<Arc<Policy>> {
        let by_text = self.by_text.read().ok()?;
        let known = by_text.get(raw)?.iter().find(|known| known.kind == kind && known.default == default)?;
        Some(Arc::clone(&known.policy))
    }
}

/// A document is JSON, or a string that holds JSON.
fn read(raw: &str, default: &str, kind: Kind) -> Result<Policy, String> {
    let named = serde_json::from_str::<Named<'_>>(raw);
    let (name, document) = match &named {
        Ok(Named { name, document }) if name.is_empty() => (default, document.get()),
        Ok(Named { name, document }) => (&**name, document.get()),
        Err(_) => (default, raw),
    };
    let text = match document.starts_with('"').then(|| serde_json::from_str::<String>(document)) {
        Some(Ok(text)) => Cow::Owned(text),
        _ => Cow::Borrowed(document),
    };
    Policy::parse(name, &text, kind).map_err(|error| format!("`{name}`: {error}"))
}
