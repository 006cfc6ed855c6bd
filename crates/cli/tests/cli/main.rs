//! The built binary as people run it: arguments in; stdout, stderr, exit status and files out.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests start the program and look at its files"
)]

mod apply;
mod audit;
mod bad;
mod can;
mod choices;
mod collect;
mod diagnose;
mod drift;
mod golden;
mod needs;
mod plan;
mod policy;
mod reach;
mod removals;
mod run;
mod secrecy;
mod simulate;
mod status;
mod verify;
