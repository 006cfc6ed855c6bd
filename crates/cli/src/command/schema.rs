//! `oarlock schema`: the JSON Schemas of what Oarlock reads and writes.

use anyhow::Context;

use crate::{exit::Status, output::print_json};

/// Print the JSON Schema of the fleet file
///
/// Editors with a YAML language server complete and check fleet files with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oarlock schema fleet > fleet.schema.json")]
pub(crate) struct Arguments {
    /// Which file's schema
    #[arg(value_enum, default_value_t = Kind::Fleet)]
    kind: Kind,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    /// The fleet file
    Fleet,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let schema = match arguments.kind {
        Kind::Fleet => fleet::schema(),
    };
    print_json(&schema).context("cannot print the schema")?;
    Ok(Status::Fine)
}
