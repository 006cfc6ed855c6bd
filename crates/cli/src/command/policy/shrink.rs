//! `oarlock policy shrink`.

use super::Source;
use crate::{exit::Status, output::print_json};

/// Print a smaller policy that allows the same
///
/// Values and statements that others cover are left out, statements that differ in one list are united. Statement ids go, too:
/// they mean nothing. Nothing becomes a wildcard that wasn't one.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock policy shrink policy.json > smaller.json
  oarlock policy covers --both-ways policy.json smaller.json")]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    print_json(&arguments.source.read()?.shrink())?;
    Ok(Status::Fine)
}
