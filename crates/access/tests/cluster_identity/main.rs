//! Who a caller is on a cluster: cases from text to decision, and laws that hold for all.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod aws_auth;
mod cases;
mod laws;
mod members;
mod scene;
