//! What is there: accounts, clusters and Argo CD, read from the very output of the AWS CLI and kubectl.

mod discovery;

pub use discovery::{ApiResource, Discovery};
