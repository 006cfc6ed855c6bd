//! What AWS publishes about IAM: actions, the resource types and condition keys that each supports, and AWS managed
//! policies, as of [`version`].
//!
//! Actions, resource types and service keys are those of the Service Authorization Reference, global keys those of the
//! IAM User Guide; `crates/iam/data/README.md` says by way of which packages. The files are unpacked when something is
//! asked of them for the first time, and a service is parsed when it is asked for. Names are found in any case, as IAM
//! finds actions and condition keys.

mod action;
mod condition_key;
mod data;
mod glob;
mod global;
mod issuer;
mod managed_policy;
mod nearest;
mod order;
mod published;
mod row;
mod service;

pub use action::{AccessLevel, Action, ActionResource, action, actions_matching};
pub use condition_key::{ConditionKey, KeyType, ValueType, condition_key, has_actions};
pub use global::GLOBAL_KEYS;
pub use managed_policy::{ManagedPolicy, managed_policies, managed_policy};
pub use nearest::{nearest_action, nearest_condition_key, nearest_key_among};
pub(crate) use published::{Published, published};
pub use service::{ResourceType, Service, service, services};

/// The day of the data, and which versions of which packages it was made from.
pub fn version() -> &'static str {
    data::version()
}
