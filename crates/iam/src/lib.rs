//! The IAM policy language as typed values.

pub mod catalogue;
mod document;
mod parse;
mod print;
mod schema;
mod size;
mod trust;

pub use document::{Document, Effect, Principals, Statement};
pub use parse::{AnyDocument, DocumentError};
pub use size::{INLINE_POLICIES_LIMIT, MANAGED_POLICIES_PER_ROLE, MANAGED_POLICY_LIMIT, TRUST_POLICY_LIMIT};
