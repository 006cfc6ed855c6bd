//! The chain from a pod or a person to a request on a cluster, one file for each hop.

pub mod argocd_rbac;
pub mod authorization;
mod can;
pub mod cluster_identity;

pub use can::{At, Hop, NoCaller, Passes, Who, caller, can};
