//! The libraries' errors in our words, at their true places.

use std::sync::Arc;

use facts::{Place, Problem};
use serde_saphyr::{Error, budget::BudgetBreach};

use crate::{located::small, nearest, yaml};

/// A text and where it begins, so that an error in it can be placed.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) file: &'a Arc<str>,
    pub(crate) text: &'a str,
    /// The line of the file on which the text begins, from 1.
    pub(crate) line: u32,
}

impl Source<'_> {
    /// A place in the file, from a line and column of the text.
    pub(crate) fn place(&self, line: u32, column: u32) -> Place {
        Place::new(Arc::clone(self.file), self.line.saturating_add(line).saturating_sub(1), column)
    }

    /// What the YAML library says, in our words.
    pub(crate) fn problem(&self, error: &Error) -> Problem {
        let (message, help) = self.words(innermost(error));
        let place = match innermost(error).location().or_else(|| error.location()) {
            Some(at) if at.line() > 0 => self.place(small(at.line()), small(at.column())),
            _ => self.place(1, 1),
        };
        let problem = Problem::new(place, message);
        match self.template_help().or(help) {
            Some(help) => problem.with_help(help),
            None => problem,
        }
    }

    /// Somebody who gives us a chart's source wants to be told, whatever the parser stumbled over.
    pub(crate) fn template_help(&self) -> Option<String> {
        let opening = self.text.find("{{")?;
        self.text
            .get(opening..)?
            .contains("}}")
            .then(|| "this looks like an unrendered Helm template: render it with `helm template`".to_owned())
    }

    fn words(&self, error: &Error) -> (String, Option<String>) {
        match error {
            Error::SerdeUnknownField { field, expected, .. } => unknown("field", field, expected),
            Error::SerdeUnknownVariant { variant, expected, .. } => unknown("value", variant, expected),
            Error::SerdeMissingField { field, .. } => (format!("the field `{field}` is missing"), None),
            Error::SerdeInvalidType { unexpected, expected, .. }
            | Error::SerdeInvalidValue { unexpected, expected, .. } => {
                (format!("{} where {} is expected", found(unexpected), kind_words(expected)), None)
            }
            Error::SerdeInvalidLength { len, expected, .. } => {
                (format!("{len} elements where {} is expected", kind_words(expected)), None)
            }
            Error::NullIntoString { .. } => ("nothing where a text is expected".to_owned(), None),
            Error::InvalidScalar { ty, .. } => (format!("this is no {ty}"), None),
            Error::InvalidBooleanStrict { .. } => ("this is neither `true` nor `false`".to_owned(), None),
            Error::Unexpected { expected, .. } => {
                (format!("{} is expected here", kind_words(expected)), None)
            }
            Error::Eof { .. } => ("the text ends too early".to_owned(), None),
            Error::DuplicateMappingKey { key, .. } => {
                let key = key.as_ref().map_or_else(|| "a key".to_owned(), |key| format!("the key `{key}`"));
                (format!("{key} stands twice in one mapping"), Some("remove one of the two".to_owned()))
            }
            Error::UnknownAnchor { .. } => {
                ("the alias has no anchor before it in its document".to_owned(), None)
            }
            Error::MultipleDocuments { .. } => {
                ("a second document, where the file may hold only one".to_owned(), None)
            }
            Error::AliasReplayLimitExceeded { .. }
            | Error::AliasExpansionLimitExceeded { .. }
            | Error::AliasReplayStackDepthExceeded { .. } => {
                ("the aliases expand to more than a million values".to_owned(), None)
            }
            Error::Budget {
                breach: BudgetBreach::RecordedAnchorEvents { .. } | BudgetBreach::RecordedAnchorBytes { .. },
                ..
            } => ("the anchors hold more than a million values".to_owned(), None),
            Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => {
                (format!("mappings and lists nest deeper than {}", yaml::DEPTH), None)
            }
            Error::Budget { breach, .. } => (format!("beyond what Oarlock reads: {breach:?}"), None),
            Error::ExternalMessage { msg, .. } => (
                format!("malformed YAML: {msg}"),
                Some("mend the file at this place or just before it".to_owned()),
            ),
            Error::Message { msg, .. } | Error::HookError { msg, .. } | Error::SerdeVariantId { msg, .. } => {
                (msg.clone(), None)
            }
            other => (plain(other), None),
        }
    }
}

/// The error itself, without the alias that led to it.
fn innermost(error: &Error) -> &Error {
    match error {
        Error::AliasError { error, .. } | Error::WithSnippet { error, .. } => innermost(error),
        other => other,
    }
}

/// The library's own words, without the place that it appends.
fn plain(error: &Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message).to_owned()
}

fn unknown(what: &str, word: &str, known: &[&str]) -> (String, Option<String>) {
    let help = match nearest(word, known.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if known.is_empty() => None,
        None => Some(format!("known here: `{}`", known.join("`, `"))),
    };
    (format!("unknown {what} `{word}`"), help)
}

/// serde's words for what it found.
fn found(unexpected: &str) -> String {
    match unexpected {
        "map" => "a mapping".to_owned(),
        "sequence" => "a list".to_owned(),
        "unit value" | "null" | "Option value" => "nothing".to_owned(),
        _ => match unexpected.split_once(' ') {
            Some(("string", text)) => format!("the text `{}`", text.trim_matches('"')),
            Some(("integer" | "floating", number)) => {
                format!("the number {}", number.trim_start_matches("point "))
            }
            Some(("boolean", value)) => format!("the truth value {value}"),
            _ => unexpected.to_owned(),
        },
    }
}

/// serde's and the library's words for what they expected.
fn kind_words(expected: &str) -> String {
    match expected {
        "a map" | "mapping" | "map" | "mapping start" => "a mapping".to_owned(),
        "a sequence" | "sequence" | "sequence start" => "a list".to_owned(),
        "a string" | "string" | "string scalar" | "scalar" => "a text".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        // serde names a derived struct after its Rust type, which tells the user nothing.
        other if other.starts_with("struct ") => "a mapping".to_owned(),
        other => other.to_owned(),
    }
}
