//! AWS policies: read, printed, decided.
//!
//! [`Parsed`] reads a document with what is wrong with it; [`Policy`] is one that is ready to decide; [`Layers`] are all that
//! apply to a [`Request`].

mod action;
mod arn_pattern;
pub mod catalogue;
mod condition;
mod context;
mod document;
mod evaluate;
mod instant;
mod json;
mod lint;
mod name;
pub mod operator;
mod parse;
mod pattern;
mod place;
mod policy;
mod principal;
mod print;
mod problem;
mod request;
mod schema;
mod size;
mod statement;
mod trace;
mod tri;
mod trust;

pub use context::{Context, ContextValue};
pub use document::{Conditions, Document, Effect, Element, Principals, Statement, Values, Version};
pub use evaluate::{Decided, Deciding, Decision, Explanation, Layers};
pub use lint::{Advice, Remark, lint};
pub use parse::{AnyDocument, DocumentError, Parsed};
pub use place::Path;
pub use policy::{Policy, StatementId};
pub use principal::{Principal, PrincipalKind};
pub use problem::{Kind, PolicyProblem, Reason};
pub use request::Request;
pub use size::{INLINE_POLICIES_LIMIT, MANAGED_POLICIES_PER_ROLE, MANAGED_POLICY_LIMIT, TRUST_POLICY_LIMIT};
pub use statement::Failed;
pub use trace::{Layer, Met, Trace};
