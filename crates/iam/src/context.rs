//! What a request says of itself beside who, what and on what: the keys that conditions ask for.

use crate::name::Name;

use schemars::JsonSchema;
use serde::Serialize;

/// The keys of a request with their values. Names of keys have no case (IAM User Guide, "IAM JSON policy elements:
/// Condition").
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The keys, in no order.
    names: Vec<Name>,
    /// The value of each.
    values: Vec<Value>,
    /// Single values, one after the other: most of a request is here, to be read at one go.
    texts: String,
    /// Whether a key that isn't here may be in the request all the same.
    open: bool,
    /// Beginnings of names: of such keys the request has none but those that are here.
    whole: Vec<Box<str>>,
    /// Keys that the request has, with values that aren't known.
    unknown: Vec<Name>,
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

/// The value of a key, as it is kept.
#[derive(Clone, Debug)]
enum Value {
    /// From here to there in the texts, in bytes.
    One(usize, usize),
    Many(Box<[String]>),
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
        let mut context = Self::default();
        for (key, value) in keys {
            context.set(Name::new(key.to_lowercase()), value);
        }
        context
    }

    /// The keys that are known; whether others are in the request is not.
    pub fn open(keys: impl IntoIterator<Item = (String, ContextValue)>) -> Self {
        Self { open: true, ..Self::complete(keys) }
    }

    /// These keys with one more, or with another value of it.
    #[must_use]
    pub fn with(mut self, (key, value): (String, ContextValue)) -> Self {
        self.set(Name::new(key.to_lowercase()), value);
        self
    }

    /// Says that the request has no other keys whose names begin so, for example `aws:PrincipalTag/`.
    #[must_use]
    pub fn with_all_of(mut self, beginning: &str) -> Self {
        self.whole.push(beginning.to_lowercase().into());
        self
    }

    /// Says that nobody knows the value of a key, whatever is said of it elsewhere.
    #[must_use]
    pub fn with_unknown(mut self, key: &str) -> Self {
        self.unknown.push(Name::new(key.to_lowercase()));
        self
    }

    /// Adds what the request itself determines, unless it is there already.
    pub(crate) fn determine(&mut self, key: &str, value: &str) {
        let key = Name::new(key.to_owned());
        if self.position(&key).is_none() {
            let value = self.keep_text(value);
            self.add(key, value);
        }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &Name) -> Lookup<'_> {
        if !self.unknown.is_empty() && self.unknown.contains(key) {
            return Lookup::Unknown;
        }
        match self.position(key).and_then(|at| self.values.get(at)) {
            Some(Value::One(start, end)) => Lookup::One(self.texts.get(*start..*end).unwrap_or_default()),
            Some(Value::Many(values)) if values.is_empty() => Lookup::Absent,
            Some(Value::Many(values)) => Lookup::Many(values),
            None if self.open && !self.is_whole(key) => Lookup::Unknown,
            None => Lookup::Absent,
        }
    }

    /// The value of a key, by its name in lower case.
    pub(crate) fn lookup(&self, key: &str) -> Lookup<'_> {
        self.get(&Name::new(key.to_owned()))
    }

    /// Gives back what room is left: a request is kept for long, and asked often.
    pub(crate) fn shrink(&mut self) {
        self.names.shrink_to_fit();
        self.values.shrink_to_fit();
        self.texts.shrink_to_fit();
    }

    fn is_whole(&self, key: &Name) -> bool {
        self.whole.iter().any(|beginning| key.as_str().starts_with(&**beginning))
    }

    fn position(&self, key: &Name) -> Option<usize> {
        self.names.iter().position(|own| own == key)
    }

    fn set(&mut self, key: Name, value: ContextValue) {
        let value = self.keep(value);
        match self.position(&key).and_then(|at| self.values.get_mut(at)) {
            Some(earlier) => *earlier = value,
            None => self.add(key, value),
        }
    }

    fn add(&mut self, key: Name, value: Value) {
        self.names.push(key);
        self.values.push(value);
    }

    fn keep(&mut self, value: ContextValue) -> Value {
        match value {
            ContextValue::One(text) => self.keep_text(&text),
            ContextValue::Many(values) => Value::Many(values.into()),
        }
    }

    fn keep_text(&mut self, text: &str) -> Value {
        let start = self.texts.len();
        self.texts.push_str(text);
        Value::One(start, self.texts.len())
    }
}
