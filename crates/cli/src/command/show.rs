//! `oarlock show`: a saved plan again.

use std::path::PathBuf;

use clap::ValueEnum;

use super::saved;
use crate::{
    exit::Status,
    output::{Stream, print_json, print_text, width},
    view,
};

/// Show a saved plan
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oarlock plan -f fleet.yaml --out plan.json\n  oarlock show plan.json")]
pub(crate) struct Arguments {
    /// The saved plan
    #[arg(value_name = "FILE")]
    plan: PathBuf,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Table)]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Changes as Terraform shows them, then the proof
    Table,
    /// The whole plan as one JSON object
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let plan = saved::read(&arguments.plan)?;
    match arguments.output {
        Format::Table => print_text(&view::plan::human(&plan, width(Stream::Stdout)))?,
        Format::Json => print_json(&plan)?,
    }
    Ok(Status::Fine)
}
