//! The chain from a pod or a person to a request on a cluster, one file for each hop.

mod accounts;
pub mod argocd_rbac;
mod assume_role;
pub mod authorization;
mod can;
mod capability;
pub mod cluster_identity;
mod cluster_secret;
mod credentials;
mod deployments;
mod escalation;
mod hop;
mod installation;
mod person;
pub mod reach;
mod service_account;
mod through_argocd;
mod token;
mod trusted;
mod verify;
pub mod way;
mod who_can;

pub use accounts::Accounts;
pub use can::{NoCaller, Who, caller, can, can_by};
pub use cluster_secret::{aws_of, read_cluster_secret, server_address};
pub use credentials::{Credentials, Owner};
pub use hop::{At, Hop, Passes, verdict};
pub use installation::{Component, Installation, NoInstallation};
pub use person::{rbac_of_argocd, ways_of_person};
pub use service_account::{
    Arrival, ROLE_ANNOTATION, STS_AUDIENCE, ServiceAccount, annotated_role, credentials,
};
pub use through_argocd::ways_of_argocd;
pub use verify::{Claim, Verification, Verified, verify, verify_with};
pub use way::Way;
pub use who_can::{Holder, HolderKind, WhoCan, who_can};
