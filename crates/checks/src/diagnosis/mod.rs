//! From an error text to its cause: the hop that fails, what may be wrong there, and with an inventory what is.
//!
//! [`messages`] takes a text apart, [`recognise`] finds the [`Signature`] of each message, [`Diagnoses`] are all of an input.

mod change;
mod diagnosed;
mod inquiry;
mod message;
mod pattern;
mod read;
mod recognise;
mod signature;

pub use change::{Change, Form, Rules, SecretField};
pub use diagnosed::{Diagnosed, Diagnoses, Unrecognised};
pub use inquiry::{Answer, Inquiry, Repair, alone};
pub use message::{Level, Message};
pub use pattern::Parts;
pub use read::messages;
pub use recognise::{Recognised, recognise};
pub use signature::{ALL as SIGNATURES, Asks, Rank, Signature};
