//! The `oarlock` binary: arguments in, data to stdout, talk to stderr, an exit status.

mod command;
mod diagnostic;
mod exit;
mod input;
mod output;
mod printable;
mod progress;
mod view;

use std::process::ExitCode;

/// Reading a fleet is allocating, on all cores; deciding goes through what was allocated, and what belongs together lies together here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    command::run().into()
}
