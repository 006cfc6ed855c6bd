//! Desired objects, changes, steps, proof, and their rendering.

mod object;

pub use object::{
    AccessEntry, Desired, DesiredObject, IamRole, KubernetesObject, Location, Object, ObjectId, OidcProvider, Ownership,
    PodIdentityAssociation, Restart,
};
