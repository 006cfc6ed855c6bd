//! Desired objects, changes, steps, proof, and their rendering.

pub mod desired;
pub mod names;
mod object;
pub mod render;
mod step;

pub use object::{
    AccessEntry, Desired, DesiredObject, IamRole, KubernetesObject, Location, Object, ObjectId, OidcProvider, Ownership,
    PodIdentityAssociation, Restart,
};
pub use step::{Action, Change, Owner, Read, Step};
