//! How a field of a policy line is compared with a word of the request (util/rbac/rbac.go, `globMatchFunc`, and Casbin's
//! `RegexMatchFunc`).

use argocd::Glob;
use regex::Regex;
use serde::Serialize;

use super::go_regex::{self, GoRegexError};

/// `policy.matchMode`. Whatever isn't `regex` is `glob`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatchMode {
    /// The whole word, and `*` crosses `/`.
    #[default]
    Glob,
    /// Go's regular expressions, anywhere in the word unless anchored.
    Regex,
}

/// A compiled field.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    Glob(Glob),
    Regex(Regex),
    /// A malformed glob matches nothing (util/glob/glob.go, `Match`).
    Never,
    /// A malformed regular expression ends the run.
    Broken,
    /// A regular expression that may mean something else to Go.
    Unknown,
}

/// Whether a field matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    No,
    Yes,
    Broken,
    Unknown,
}

impl Pattern {
    pub(crate) fn new(text: &str, mode: MatchMode) -> Self {
        match mode {
            MatchMode::Glob => Glob::new(text).map_or(Self::Never, Self::Glob),
            MatchMode::Regex => match go_regex::compile(text) {
                Ok(regex) => Self::Regex(regex),
                Err(GoRegexError::Invalid) => Self::Broken,
                Err(GoRegexError::Unsure) => Self::Unknown,
            },
        }
    }

    pub(crate) fn matches(&self, text: &str) -> Match {
        let yes = match self {
            Self::Glob(glob) => glob.is_match(text),
            Self::Regex(regex) => regex.is_match(text),
            Self::Never => false,
            Self::Broken => return Match::Broken,
            Self::Unknown => return Match::Unknown,
        };
        if yes { Match::Yes } else { Match::No }
    }
}
