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

fn main() -> ExitCode {
    command::run().into()
}
