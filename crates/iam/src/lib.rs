//! AWS policies: read, printed, decided.
//!
//! [`Parsed`] reads a document with what is wrong with it; [`Policy`] is one that is ready to decide; [`Layers`] are all that
//! apply to a [`Request`].

mod action;
mod arn_pattern;
mod assume;
mod cases;
pub mod catalogue;
mod classes;
mod compare;
mod condition;
mod context;
mod document;
mod evaluate;
mod few;
mod instant;
mod json;
mod lint;
mod minimize;
mod name;
mod near_miss;
pub mod operator;
mod parse;
mod pattern;
mod piece;
mod place;
mod policy;
mod principal;
mod print;
mod problem;
mod request;
mod schema;
mod shrink;
mod size;
mod statement;
mod trace;
mod tri;
mod trust;

pub use assume::{Actor, Assumption, Passed, Refusal, Role, SESSION_SECONDS, Session, Tags};
pub use compare::Witness;
pub use context::{Context, ContextValue};
pub use document::{Conditions, Document, Effect, Element, Principals, Statement, Values, Version};
pub use evaluate::{Decided, Deciding, Decision, Explanation, Layers};
pub use lint::{Advice, Remark, lint};
pub use minimize::{Grant, minimize};
pub use near_miss::NearMiss;
pub use parse::{AnyDocument, DocumentError, Parsed};
pub use place::Path;
pub use policy::{Policy, StatementId};
pub use principal::{Principal, PrincipalKind};
pub use problem::{Kind, PolicyProblem, Reason};
pub use request::Request;
pub use size::{
    INLINE_POLICIES_LIMIT, MANAGED_POLICIES_PER_ROLE, MANAGED_POLICY_LIMIT, RESOURCE_CONTROL_LIMIT,
    SERVICE_CONTROL_LIMIT, TRUST_POLICY_LIMIT, TRUST_POLICY_MOST,
};
pub use statement::Failed;
pub use trace::{Layer, Met, Trace};
