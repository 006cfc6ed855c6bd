use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that could not be read or isn't modelled. A gap is never an absence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// What is not known, for example ``the plural of `Widget.example.com/v1` ``.
    pub what: String,
    /// Why it is not known, for example `file not in the inventory` or `AccessDenied`.
    pub cause: String,
    /// A command, or a sentence, that fills it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill: Option<String>,
}

impl Gap {
    /// A gap that nobody can say how to fill.
    pub fn new(what: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { what: what.into(), cause: cause.into(), fill: None }
    }

    /// Says which command, or which step, fills it.
    #[must_use]
    pub fn filled_by(mut self, fill: impl Into<String>) -> Self {
        self.fill = Some(fill.into());
        self
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.cause)
    }
}
