//! AWS and Kubernetes as they are: the only crate, besides the binary, that may use SDKs, async, the network and a clock.
//!
//! `aws` and `kubernetes` know how to ask; `collect` and `verify` know what for, and `apply` what to write. Nothing here decides anything:
//! what was collected is written down in the layout of `docs/inventory.md`, and `oarlock-inventory` reads it again; what is written a plan
//! says; what was asked to verify stands beside what `oarlock-access` says.

pub mod apply;
mod aws;
mod cause;
pub mod collect;
mod kubernetes;
mod pattern;
pub mod permissions;
mod verb;
pub mod verify;

pub use aws::{Access, AuthoritiesError};
pub use kubernetes::Kubeconfig;
pub use pattern::{Pattern, PatternError};
pub use verb::Verb;
