//! Messages: what a log, an Application, an event says, one at a time, with what stands beside it.

use facts::Place;

use super::pattern::Parts;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its text, as the software wrote it.
    pub text: String,
    /// How bad the writer says it is.
    pub level: Level,
    /// What stands beside it: the Application, the cluster's server, who asked.
    pub context: Parts,
    /// Where it was read.
    pub place: Place,
}

/// How bad a message is in its writer's view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It says that all is well, or what happens.
    Info,
    /// The writer doesn't say.
    Unsaid,
    /// Something failed.
    Error,
}

impl Message {
    pub(crate) fn new(text: impl Into<String>, level: Level, place: Place) -> Self {
        Self { text: text.into(), level, context: Parts::new(), place }
    }

    /// With something that stands beside it; nothing where that is empty.
    pub(crate) fn with(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.context.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
        self
    }

    /// Whether somebody would take it for an error, by its level or by its words.
    pub(crate) fn is_error(&self) -> bool {
        match self.level {
            Level::Error => true,
            Level::Info => false,
            Level::Unsaid => WORDS.iter().any(|word| contains(&self.text, word)),
        }
    }
}

/// Words of errors, in small letters.
const WORDS: [&str; 14] = [
    "error",
    "denied",
    "forbidden",
    "unauthorized",
    "not authorized",
    "failed",
    "failure",
    "cannot ",
    "can't ",
    "unable to",
    "invalid",
    "exception",
    "x509",
    "not permitted",
];

fn contains(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}
