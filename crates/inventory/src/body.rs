//! A Kubernetes object that is kept, and rarely looked into.

use std::{
    fmt, mem,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use serde::de::DeserializeOwned;
use serde_json::Value;

/// The whole of a Kubernetes object, kept as JSON text and shared by all copies of an inventory: as trees, the objects of a large
/// fleet would be many times as much memory. Its fields stay in the order in which they were read.
#[derive(Clone)]
pub struct Body(Arc<str>);

impl Body {
    /// The object as a tree.
    pub fn value(&self) -> Value {
        self.read().unwrap_or_default()
    }

    /// The fields that `T` asks for; `None` where they don't have its shape.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(&self.0).ok()
    }

    /// What a JSON pointer leads to, for example `/metadata/labels`.
    pub fn at(&self, pointer: &str) -> Option<Value> {
        self.value().pointer_mut(pointer).map(Value::take)
    }

    /// The text that a JSON pointer leads to; `None` where it leads to something else, or to nothing.
    pub fn text(&self, pointer: &str) -> Option<String> {
        match self.at(pointer)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The object as a tree to change, which is kept once it is let go. Copies of an inventory keep what they have.
    pub fn edit(&mut self) -> Edit<'_> {
        Edit { value: self.value(), body: self }
    }

    /// The object as JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An object while it is changed.
#[derive(Debug)]
pub struct Edit<'b> {
    body: &'b mut Body,
    value: Value,
}

impl Deref for Edit<'_> {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.value
    }
}

impl DerefMut for Edit<'_> {
    fn deref_mut(&mut self) -> &mut Value {
        &mut self.value
    }
}

impl Drop for Edit<'_> {
    fn drop(&mut self) {
        *self.body = mem::take(&mut self.value).into();
    }
}

impl From<Value> for Body {
    fn from(value: Value) -> Self {
        Self(value.to_string().into())
    }
}

/// In JSON the order of fields means nothing.
impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.value() == other.value()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
