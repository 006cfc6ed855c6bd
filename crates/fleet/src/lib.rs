//! The fleet file (`oarlock.dev/v1alpha1`, kind `Fleet`): what is wanted. And its JSON Schema.

mod model;

pub use model::{
    ApplicationSource, ArgoCd, CacheWidth, Cluster, CredentialConsumer, CredentialUse, Features, Fleet, Granularity, Hub,
    IdentityKind, Install, Limit, LimitRule, Names, Topology, Version,
};
