//! Desired objects, changes, steps, proof, and their rendering.
//!
//! [`plan`] takes a fleet, what is there and what the Applications deploy ([`Input`]), and gives a [`Plan`]: the steps
//! from what is there to what is wanted, and the [`Proof`]. [`render`] writes the wanted objects for other tools.
//!
//! **Invariant:** pure and deterministic. The same input gives the same plan, byte for byte.

mod after;
mod capability;
mod cluster_needs;
mod compact_needs;
pub mod desired;
mod destination;
mod diff;
mod drift;
mod findings;
pub mod grants;
mod holders;
mod impersonation;
mod input;
mod leaving;
mod limits;
pub mod live;
mod mistakes;
pub mod names;
mod object;
mod plan;
mod proof;
mod removal;
pub mod render;
mod schema;
mod step;
pub mod tradeoff;
mod undecided;

pub use after::after;
pub use compact_needs::CompactNeeds;
pub use diff::{REMOVAL_LEFT_BEHIND, resource};
pub use drift::{Drift, Drifted, Happened};
pub use input::{ClusterNeeds, Deployed, Input};
pub use object::{
    AccessEntry, AuthenticationMode, Body, Desired, DesiredObject, IamRole, KubernetesObject, Location,
    Object, ObjectId, OidcProvider, Ownership, PodIdentityAssociation, ROLE_ANNOTATION, ROLE_MAPPING,
    Restart,
};
pub use plan::{API_VERSION, Plan, Planned, plan};
pub use proof::{BeyondNeeds, ClusterProof, Escalation, Power, Proof, ProvenWay, Unmet, installation};
pub use removal::Removal;
pub use schema::schema;
pub use step::{Action, Change, Owner, Read, Step};
pub use undecided::Undecided;
