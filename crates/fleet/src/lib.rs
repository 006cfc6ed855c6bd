//! The fleet file (`oarlock.dev/v1alpha1`, kind `Fleet`): what is wanted. And its JSON Schema.
//!
//! **Invariant:** pure. [`Fleet::parse`] takes a name and bytes; paths in a fleet stay text.

mod file;
mod located;
mod model;
mod name;
mod parse;
mod schema;

pub use model::{
    ApplicationSource, ArgoCd, CacheWidth, Cluster, CredentialConsumer, CredentialUse, Features, Fleet,
    Granularity, Groups, Hub, IdentityKind, Install, Limit, LimitRule, Names, RepositoryAccess, ShippedRbac,
    ShippedRbacChoice, Suppression, Topology, Version, VersionError,
};
pub use schema::schema;
