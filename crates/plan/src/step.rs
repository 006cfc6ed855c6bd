//! A plan's steps: what changes, in which order, and whose the objects are.

use std::fmt;

use facts::Gap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{DesiredObject, ObjectId, diff::digest};

/// One step of a plan. Applying makes no choices: they are all here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The object, by its name in the fleet. Unique within a plan.
    pub object: ObjectId,
    /// What happens to it.
    pub action: Action,
    /// One sentence: why.
    pub reason: String,
    /// Steps that must have happened before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<ObjectId>,
    /// The steps among them that are pending: until they have happened, this one is, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<ObjectId>,
    /// What was read to decide this, by content: a plan is stale when one of these has changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<Read>,
    /// Whose object it is.
    pub owner: Owner,
    /// Whether it takes up what an earlier run of `oarlock apply` was to remove and didn't come to. One that is somebody else's has changed
    /// since: no plan removes it, with `--adopt` or without.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_over: bool,
    /// The object as it should be; absent for what is to be removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired: Option<DesiredObject>,
}

/// What happens to an object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "type")]
pub enum Action {
    /// It isn't there and will be made.
    Create,
    /// It is there and differs.
    Update {
        /// The fields that differ.
        changes: Vec<Change>,
    },
    /// It is there and must be deleted and made again, since a field of it can't be changed.
    Replace {
        /// The fields that differ.
        changes: Vec<Change>,
    },
    /// It is there and goes.
    Delete,
    /// Pods are restarted.
    Restart,
    /// Nothing happens.
    Unchanged,
    /// Whether it is there isn't known.
    Unknown {
        /// What would have to be read.
        missing: Gap,
    },
}

/// One field that changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Dotted path, for example `trust policy` or `data.server`.
    pub field: String,
    /// Its value now; absent if it isn't set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// Its value afterwards; absent if it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
}

/// Something that was read, by content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Read {
    /// What was read.
    pub object: ObjectId,
    /// SHA-256 of its canonical JSON, in hexadecimal.
    pub digest: String,
}

/// Whose an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// Oarlock's: it carries the fleet's marks, or doesn't exist yet.
    Owned,
    /// Somebody else's, and the plan was made with `--adopt`.
    Adopt,
    /// Somebody else's: the step is pending until the plan is made with `--adopt`.
    Foreign,
}

impl Step {
    /// Whether applying the plan leaves it out: it is about somebody else's object, or comes after such a step.
    pub fn is_pending(&self) -> bool {
        self.changes_something() && (self.owner == Owner::Foreign || !self.waits_for.is_empty())
    }

    /// Whether anything would be different afterwards.
    pub fn changes_something(&self) -> bool {
        !matches!(self.action, Action::Unchanged | Action::Unknown { .. })
    }
}

impl Read {
    /// What was read of an object.
    pub fn of(object: ObjectId, value: &Value) -> Self {
        Self { object, digest: digest(value) }
    }

    /// Whether this is what was read.
    pub fn is_of(&self, value: &Value) -> bool {
        self.digest == digest(value)
    }
}

impl Owner {
    pub(crate) fn of(owned: bool, adopt: bool) -> Self {
        match (owned, adopt) {
            (true, _) => Self::Owned,
            (false, true) => Self::Adopt,
            (false, false) => Self::Foreign,
        }
    }
}

impl Action {
    /// As Terraform marks it.
    pub fn sign(&self) -> &'static str {
        match self {
            Self::Create => "+",
            Self::Update { .. } => "~",
            Self::Replace { .. } => "-/+",
            Self::Delete => "-",
            Self::Restart => "!",
            Self::Unchanged => "=",
            Self::Unknown { .. } => "?",
        }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}
