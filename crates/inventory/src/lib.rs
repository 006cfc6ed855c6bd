//! What is there: accounts, clusters and Argo CD, read from the very output of the AWS CLI and kubectl.

mod body;
mod capability;
mod causes;
mod discovery;
mod eks;
pub mod folder;
mod iam;
mod iam_users;
mod kubernetes;
mod model;
mod organization;
mod read;
mod redact;
mod secrets_manager;
mod statement_places;

pub use body::{Body, Edit};
pub use discovery::{ApiResource, Discovery};
pub use folder::read_text;
pub use iam::percent_decode;
pub use iam_users::{IamGroup, IamUser};
pub use model::{
    AFTER_APPLY, AccessEntry, Account, Capability, CapabilityDetails, Cluster, Description, IamRole,
    Inventory, Known, Kubernetes, KubernetesObject, ManagedSecret, OidcProvider, PodIdentityAssociation,
};
pub use organization::{Organization, OrganizationPolicy, PolicyType};
pub use read::{File, Reading};
pub use redact::{REPLACED, secret as redact_secret};
pub use statement_places::RolePlaces;
