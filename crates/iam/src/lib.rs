//! The IAM policy language as typed values.

mod document;

pub use document::{Document, Effect, Principals, Statement};
