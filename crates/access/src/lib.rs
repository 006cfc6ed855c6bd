//! The chain from a pod or a person to a request on a cluster, one file for each hop.

mod accounts;
pub mod argocd_rbac;
mod assume_role;
pub mod authorization;
mod can;
mod capability;
pub mod cluster_identity;
pub mod cluster_secret;
mod credentials;
mod escalation;
mod hop;
mod installation;
mod service_account;
mod token;
pub mod way;

pub use accounts::Accounts;
pub use can::{NoCaller, Who, caller, can, can_by};
pub use credentials::Credentials;
pub use hop::{At, Hop, Passes, verdict};
pub use installation::{Component, Installation, NoInstallation};
pub use service_account::{Arrival, ServiceAccount, credentials};
pub use way::Way;
