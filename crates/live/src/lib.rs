//! AWS and Kubernetes as they are: the only crate, besides the binary, that may use SDKs, async, the network and a clock.
//!
//! `aws` and `kubernetes` know how to ask; `collect` knows what for, and `apply` what to write. Nothing here decides anything: what was
//! read is written down in the layout of `docs/inventory.md`, and `oarlock-inventory` reads it again; what is written a plan says.

pub mod apply;
mod aws;
mod cause;
pub mod collect;
mod kubernetes;
mod pattern;

pub use aws::{Access, AuthoritiesError};
pub use kubernetes::Kubeconfig;
pub use pattern::{Pattern, PatternError};
