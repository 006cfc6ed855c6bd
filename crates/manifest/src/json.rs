//! JSON, as `kubectl get -o json` and `helm` plugins print it: one object, or several in a row.

use serde::Deserialize;
use serde_json::{Deserializer, value::RawValue};

use crate::header::Root;

/// The header of an object whose items, if it is a list, are still text.
pub(crate) type JsonRoot<'a> = Root<&'a RawValue>;

/// The values that stand in a row in a text, each still text; and the error after which nothing more can be told apart.
pub(crate) fn values(text: &str) -> (Vec<&str>, Option<serde_json::Error>) {
    let mut values = Vec::new();
    for value in Deserializer::from_str(text).into_iter::<&RawValue>() {
        match value {
            Ok(value) => values.push(value.get()),
            Err(error) => return (values, Some(error)),
        }
    }
    (values, None)
}

/// The elements of `items`, each still text; none if it is no list.
pub(crate) fn elements(items: &RawValue) -> Option<Vec<&str>> {
    let elements: Option<Vec<&RawValue>> = serde_json::from_str(items.get()).ok()?;
    Some(elements.unwrap_or_default().into_iter().map(RawValue::get).collect())
}

/// Reads who an object is.
pub(crate) fn header(text: &str) -> Result<JsonRoot<'_>, serde_json::Error> {
    let mut deserializer = Deserializer::from_str(text);
    Root::deserialize(&mut deserializer)
}

/// Follows a text from left to right to tell the line and column of its pieces, without starting over for each.
pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    line_start: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1, line_start: 0 }
    }

    /// Line and column, from 1, of a piece of the text; pieces must come in the order in which they stand.
    pub(crate) fn locate(&mut self, piece: &str) -> (u32, u32) {
        let offset = (piece.as_ptr().addr()).saturating_sub(self.text.as_ptr().addr());
        let passed = self.text.get(self.at..offset).unwrap_or_default();
        self.line += crate::document::line_breaks(passed.as_bytes());
        if let Some(last) = memchr::memrchr2(b'\n', b'\r', passed.as_bytes()) {
            self.line_start = self.at + last + 1;
        }
        self.at = offset.max(self.at);
        let column = self.text.get(self.line_start..self.at).map_or(0, |before| before.chars().count());
        (self.line, u32::try_from(column + 1).unwrap_or(u32::MAX))
    }
}
