//! Clusters by the tags that they have in EKS.

use std::{fmt, str::FromStr};

use serde_json::Value;

/// A tag that a cluster has to have: `KEY=VALUE`, or `KEY` with whatever value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    key: String,
    value: Option<String>,
}

/// A tag without a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tag has a key: write KEY=VALUE, or KEY for whatever value")]
pub struct TagError;

impl FromStr for Tag {
    type Err = TagError;

    /// Keys have no `=` here, values may have some.
    fn from_str(text: &str) -> Result<Self, TagError> {
        let (key, value) = text.split_once('=').map_or((text, None), |(key, value)| (key, Some(value)));
        if key.is_empty() {
            return Err(TagError);
        }
        Ok(Self { key: key.to_owned(), value: value.map(str::to_owned) })
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.key),
            None => f.write_str(&self.key),
        }
    }
}

impl Tag {
    /// Whether a cluster has it, as `describe-cluster` describes one. Case counts, as everywhere in EKS.
    pub(super) fn is_of(&self, described: &Value) -> bool {
        let tags = described.pointer("/cluster/tags").and_then(Value::as_object);
        let value = tags.and_then(|tags| tags.get(&self.key));
        value.is_some_and(|value| self.value.as_ref().is_none_or(|wanted| value == wanted))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tag_is_a_key_with_this_value_or_any() {
        let cluster = json!({"cluster": {"tags": {"env": "prod", "note": "a=b"}}});
        let is_of = |tag: &str| tag.parse::<Tag>().unwrap().is_of(&cluster);
        assert!(is_of("env") && is_of("env=prod") && is_of("note=a=b"));
        assert!(!is_of("env=") && !is_of("ENV=prod") && !is_of("env=prod-eu") && !is_of("team"));
        assert!(!"env".parse::<Tag>().unwrap().is_of(&json!({"cluster": {}})));
        assert_eq!("=prod".parse::<Tag>(), Err(TagError));
    }
}
