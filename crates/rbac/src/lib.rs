//! Kubernetes RBAC as sets: evaluate, compare, escalate, merge. And the contents of EKS access policies.

mod object;
mod pattern;
mod permission;
mod request;
mod rule;
mod set;
mod witness;

pub use object::{AggregationRule, Binding, LabelSelector, LabelSelectorRequirement, Role, RoleRef, Subject};
pub use permission::{Permission, Scope};
pub use request::{Identity, Request, Target};
pub use rule::PolicyRule;
pub use set::PermissionSet;
