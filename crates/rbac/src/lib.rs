//! Kubernetes RBAC as sets: evaluate, compare, escalate, merge. And the contents of EKS access policies.

mod object;
mod permission;
mod rule;

pub use object::{AggregationRule, Binding, LabelSelector, Role, RoleRef, Subject};
pub use permission::{Permission, Scope};
pub use rule::PolicyRule;
