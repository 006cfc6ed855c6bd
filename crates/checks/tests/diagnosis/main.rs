//! Diagnoses: from an error text, as the software writes it, to signature, hop, cause and parts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod broken;
mod cases;
mod laws;
mod read;
