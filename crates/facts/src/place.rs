use std::{fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where something stands in a file that a person wrote.
///
/// Lines and columns start at 1, as editors count them; 0 means "the file as a whole".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The name by which the person knows the file: a path as given, or `-` for standard input.
    pub file: Arc<str>,
    /// 1-based line, or 0 for the whole file.
    pub line: u32,
    /// 1-based column in characters, or 0 for the whole line.
    pub column: u32,
}

impl Place {
    /// A place at a line and column.
    pub fn new(file: Arc<str>, line: u32, column: u32) -> Self {
        Self { file, line, column }
    }

    /// The file as a whole.
    pub fn file(file: impl Into<Arc<str>>) -> Self {
        Self { file: file.into(), line: 0, column: 0 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => write!(f, "{}", self.file),
            (line, 0) => write!(f, "{}:{line}", self.file),
            (line, column) => write!(f, "{}:{line}:{column}", self.file),
        }
    }
}

/// Serialised as people and editors write it: `file:line:column`.
impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (rest, last) = split_number(&text);
        let (file, line) = split_number(rest);
        Ok(match (line, last) {
            (Some(line), Some(column)) => Self::new(file.into(), line, column),
            (None, Some(line)) => Self::new(rest.into(), line, 0),
            _ => Self::file(text),
        })
    }
}

fn split_number(text: &str) -> (&str, Option<u32>) {
    match text.rsplit_once(':').map(|(rest, number)| (rest, number.parse().ok())) {
        Some((rest, Some(number))) => (rest, Some(number)),
        _ => (text, None),
    }
}

/// What is wrong with an input: where, what, and what to write instead.
///
/// This is an error (our run cannot use the input), not a [`Finding`](crate::Finding) about somebody's fleet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct Problem {
    /// The file, line and column.
    pub place: Place,
    /// What is wrong: lowercase, no full stop, the person's own values in backticks.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

impl Problem {
    /// A problem without help.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into(), help: None }
    }

    /// Says what to write instead.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_json() {
        for place in [
            Place::new("a:b.yaml".into(), 3, 7),
            Place::new("a.yaml".into(), 3, 0),
            Place::file("dir/a.yaml"),
            Place::file("-"),
        ] {
            let json = serde_json::to_string(&place).unwrap();
            assert_eq!(serde_json::from_str::<Place>(&json).unwrap(), place, "{json}");
        }
    }
}
