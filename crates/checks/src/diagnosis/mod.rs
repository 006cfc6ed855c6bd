//! From an error text to its cause: the hop that fails, what may be wrong there, and with an inventory what is.
//!
//! [`messages`] takes a text apart, [`recognise`] finds the [`Signature`] of each message, [`Diagnoses`] are all of an input.

mod diagnosed;
mod message;
mod pattern;
mod read;
mod recognise;
mod signature;

pub use diagnosed::{Diagnosed, Diagnoses, Unrecognised};
pub use message::{Level, Message};
pub use pattern::Parts;
pub use read::messages;
pub use recognise::{Recognised, recognise};
pub use signature::{ALL as SIGNATURES, Asks, Rank, Signature};
