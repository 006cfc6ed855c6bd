//! Reached power: what somebody can get to from what they hold.
//!
//! [`CATALOGUE`] lists the known steps, as data. [`reached`] takes them until nothing new comes: who may create pods
//! in a namespace holds what its service accounts hold, and from there it goes on. The permissions reached are an
//! upper bound of what RBAC objects decide. What a step leads to outside of them (a node, an AWS role, another
//! controller's power) stands in its entry's words only.

mod catalogue;
mod closure;
mod entry;
mod world;

pub use catalogue::CATALOGUE;
pub use closure::{Opening, Reached, Step, openings, reached};
pub use entry::{Area, Entry, Gives, Pattern, Power};
pub use world::{Gain, World};
