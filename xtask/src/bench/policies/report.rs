//! What each program that decides the same requests prints about itself: one line of JSON.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// What one program took, and what it decided.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    /// Seconds for all roles from their text until they can decide.
    pub(super) load_seconds: f64,
    /// Requests decided in a second by one core.
    pub(super) per_second: f64,
    /// For each request a letter: `A`llowed, `D`enied by a statement, `I`mplicitly denied, `?` for anything else.
    pub(super) decisions: String,
}

impl Report {
    pub(super) fn of_output(output: &[u8]) -> Result<Self> {
        serde_json::from_slice(output).context("the program's report can't be read")
    }

    /// How many of a hundred decisions are also another's.
    pub(super) fn agreement(&self, other: &Self) -> f64 {
        let (own, others) = (self.decisions.as_bytes(), other.decisions.as_bytes());
        let same = own.iter().zip(others).filter(|(own, other)| own == other).count();
        100.0 * same as f64 / own.len().max(others.len()) as f64
    }

    /// How many of a hundred decisions are this letter.
    pub(super) fn share(&self, letter: char) -> f64 {
        100.0 * self.decisions.matches(letter).count() as f64 / self.decisions.len() as f64
    }
}
