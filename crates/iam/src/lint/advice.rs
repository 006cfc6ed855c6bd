//! What can be the matter with an element.

use facts::Severity;

use crate::Reason;

/// What is the matter with an element.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Advice {
    /// AWS would refuse the document, or read it otherwise than it looks.
    #[error("{0}")]
    Problem(Reason),
    /// An action that AWS doesn't have.
    #[error("AWS has no action `{action}`")]
    UnknownAction {
        /// As written.
        action: String,
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// A pattern of actions that AWS doesn't have.
    #[error("no action of AWS is like `{0}`")]
    MatchesNoAction(String),
    /// An action that none of the statement's resources is for (Service Authorization Reference, "Actions, resources, and condition
    /// keys for AWS services", "The actions table").
    #[error("`{action}` is never asked of what `Resource` lists: the statement doesn't apply to it")]
    NoSuchResource {
        /// As written.
        action: String,
        /// The ARNs that it is asked of, as AWS publishes their form.
        takes: Vec<&'static str>,
    },
    /// An action that no resource can be named for, in a statement that names some (the same page).
    #[error("`{0}` is asked of no resource that could be listed: the statement doesn't apply to it")]
    TakesAllResources(String),
    /// A condition key that AWS doesn't have, so that it is always absent.
    #[error("AWS has no condition key `{key}`: it is absent from every request, so that this is {}", word(*.met))]
    UnknownKey {
        /// As written.
        key: String,
        /// The one that was probably meant.
        nearest: Option<String>,
        /// Whether the condition is met without the key.
        met: bool,
    },
    /// A condition key that AWS has, and that none of the statement's actions has.
    #[error("no request for {actions} has `{key}`, so that this is {}", word(*.met))]
    KeyOfOtherActions {
        /// As written.
        key: String,
        /// The statement's actions, for a sentence.
        actions: String,
        /// A similar one that they have.
        nearest: Option<String>,
        /// Whether the condition is met without the key.
        met: bool,
    },
    /// A wildcard for which an operator has no meaning.
    #[error("`{value}` is plain text for `{operator}`: it has no wildcards")]
    PlainWildcard {
        /// As written.
        operator: String,
        /// As written.
        value: String,
    },
    /// An operator that compares values of another type.
    #[error("`{operator}` doesn't compare values of `{key}`")]
    WrongType {
        /// As written.
        operator: String,
        /// As written.
        key: String,
    },
    /// A key with several values, and an operator for one.
    #[error("`{key}` has several values: `{operator}` takes `ForAnyValue:` or `ForAllValues:`")]
    SeveralValues {
        /// As written.
        operator: String,
        /// As written.
        key: String,
    },
    /// A key with one value, and an operator for several (IAM User Guide, "Single-valued vs. multivalued context keys").
    #[error("`{key}` has one value at most: `{operator}` is for keys with several{}", without(operator))]
    OneValue {
        /// As written.
        operator: String,
        /// As written.
        key: String,
    },
    /// A statement whose elements contradict each other.
    #[error("no request can meet this statement")]
    NeverMet,
    /// More characters than AWS takes, or nearly so many.
    #[error("the document has {characters} characters, {} {limit} that {of} may have", than(*.characters, *.limit))]
    Size {
        /// As AWS counts them.
        characters: usize,
        /// The most.
        limit: usize,
        /// What has that limit.
        of: &'static str,
        /// Whether nothing of the kind can have so many.
        refused: bool,
    },
}

impl Advice {
    /// Whether AWS refuses it.
    pub fn is_refused(&self) -> bool {
        self.severity() == Severity::Error
    }

    /// An error where AWS refuses the document; a note where it still does what it says.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Problem(reason) if reason.is_refused() => Severity::Error,
            Self::Size { refused: true, .. } => Severity::Error,
            Self::Size { characters, limit, .. } if characters <= limit => Severity::Note,
            _ => Severity::Warning,
        }
    }

    /// What to write instead, where that is known.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::UnknownAction { nearest, .. }
            | Self::UnknownKey { nearest, .. }
            | Self::KeyOfOtherActions { nearest, .. } => {
                nearest.as_ref().map(|nearest| format!("did you mean `{nearest}`?"))
            }
            Self::NoSuchResource { takes, .. } => Some(format!("it is asked of {}", some(takes))),
            Self::TakesAllResources(_) => Some("it takes `\"Resource\": \"*\"`".to_owned()),
            Self::OneValue { operator, .. } => {
                operator.split_once(':').map(|(_, plain)| format!("use `{plain}`"))
            }
            Self::PlainWildcard { operator, .. } => {
                let like = operator.replace("EqualsIgnoreCase", "Like").replace("Equals", "Like");
                Some(format!("for a wildcard use `{like}`"))
            }
            _ => None,
        }
    }
}

/// So many forms of ARNs are worth showing.
const SHOWN: usize = 3;

fn some(forms: &[&str]) -> String {
    let mut shown: Vec<String> = forms.iter().take(SHOWN).map(|form| format!("`{form}`")).collect();
    if forms.len() > SHOWN {
        shown.push("others".to_owned());
    }
    shown.join(", ")
}

fn word(met: bool) -> &'static str {
    if met { "always met" } else { "never met" }
}

fn without(operator: &str) -> &'static str {
    let all = operator.to_ascii_lowercase().starts_with("forallvalues:");
    if all { ", and is met without the key" } else { "" }
}

fn than(characters: usize, limit: usize) -> &'static str {
    if characters > limit { "more than the" } else { "nearly the" }
}
