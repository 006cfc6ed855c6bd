//! What Argo CD needs: one file per feature.
//!
//! A [`Deployment`] is the compact summary of one Application's manifests; [`needs`] turns the deployments of one
//! cluster, with what is known of the cluster ([`ClusterContext`]), into the requests that Argo CD will make there.
//! Each file under `feature/` is one thing that Argo CD does, with the file of Argo CD's source that does it.

mod application;
mod catalog;
mod cluster_secret;
mod collector;
mod context;
mod deployment;
mod feature;
mod glob;
mod impersonation;
mod input_from;
mod need;
mod needs;
mod operation;
mod project;
mod resources_filter;
mod secret;
mod settings;
mod shipped;
mod sync_options;
mod target;
#[cfg(test)]
mod testing;

pub use application::{
    ARGOPROJ_GROUP, Application, Automated, Destination, ManagedNamespaceMetadata, Resource, Source,
    SyncPolicy, application_set_gap,
};
pub use cluster_secret::{
    Authentication, AwsAuthConfig, ClusterConfig, ClusterSecret, ExecProviderConfig, IN_CLUSTER_SERVER,
    TlsClientConfig,
};
pub use context::{ClusterContext, Impersonation, ServiceAccount};
pub use deployment::{Deployment, LiveResource};
pub use feature::live_cache::{CachedKind, cached_kinds};
pub use glob::{Glob, GlobError};
pub use impersonation::SyncIdentity;
pub use input_from::InputFrom;
pub use need::{Beyond, Identity, Need, Needs, Reason, Undecided};
pub use needs::{needs, own_needs};
pub use operation::Operation;
pub use project::{
    AppProject, AppProjectSpec, ClusterResource, DestinationServiceAccount, GroupKind, ProjectDestination,
};
pub use resources_filter::ResourcesFilter;
pub use secret::{Hidden, SECRET_TYPE_LABEL, Secret, SecretMetadata};
pub use settings::{CustomAction, RespectRbac, Settings, Value};
pub use shipped::{Choice, ObjectRef};
pub use sync_options::{Deletion, SyncOptions};
