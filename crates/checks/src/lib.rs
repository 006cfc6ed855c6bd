//! What is wrong in a fleet, and why a request failed.
//!
//! [`audit`] looks for what is too wide, wrong or about to break; [`diagnosis`] goes from an error text to the hop that failed, its cause and the smallest change that
//! repairs it.

pub mod audit;
pub mod diagnosis;
