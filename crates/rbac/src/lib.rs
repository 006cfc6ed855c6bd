//! Kubernetes RBAC as sets: evaluate, compare, escalate, merge. And the contents of EKS access policies.

pub mod access_policy;
mod aggregate;
mod authorize;
mod bootstrap;
mod compile;
pub mod escalation;
pub mod merge;
mod object;
mod pattern;
mod permission;
mod policy;
pub mod reach;
mod request;
mod rule;
mod set;
mod witness;

pub use authorize::{By, ByRule, authorize};
pub use bootstrap::with_bootstrap;
pub use compile::{Compiled, compile};
pub use object::{AggregationRule, Binding, LabelSelector, LabelSelectorRequirement, Role, RoleRef, Subject};
pub use permission::{Permission, Scope};
pub use policy::{Held, Policy};
pub use request::{Identity, Request, Target};
pub use rule::PolicyRule;
pub use set::PermissionSet;
