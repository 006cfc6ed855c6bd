//! What is there: accounts, clusters and Argo CD, read from the very output of the AWS CLI and kubectl.

mod discovery;
pub mod folder;
mod model;

pub use discovery::{ApiResource, Discovery};
pub use model::{
    AccessEntry, Account, Cluster, Description, IamRole, Inventory, Known, Kubernetes, KubernetesObject,
    OidcProvider, PodIdentityAssociation,
};
