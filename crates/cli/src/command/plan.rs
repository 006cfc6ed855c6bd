//! `oarlock plan`: what changes, why, and the proof.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use facts::Severity;
use plan::{Plan, Planned};

use super::FleetArguments;
use crate::{
    command::saved,
    exit::Status,
    input::{Aim, read_fleet},
    output::{Stream, print_json, print_text, say, width},
    view,
};

/// Show what would change so that Argo CD has exactly what it needs, with the proof
///
/// Compares what the fleet file wants with the inventory and prints the changes, each with its reason, then the proof:
/// every need allowed, every grant beyond them with why it can't be narrower, and the power reached before and after.
/// Nothing is applied.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock plan -f fleet.yaml
  oarlock plan -f fleet.yaml -i inventory/ --out plan.json
  oarlock plan -f fleet.yaml -o matrix
  oarlock plan -f fleet.yaml --destroy
  oarlock plan -f fleet.yaml -o json --detailed-exitcode")]
pub(crate) struct Arguments {
    #[command(flatten)]
    fleet: FleetArguments,
    /// Change and remove objects that Oarlock doesn't own, too
    #[arg(long)]
    adopt: bool,
    /// Plan to remove all that Oarlock made for the fleet, on every cluster and in every account
    #[arg(long, conflicts_with = "adopt")]
    destroy: bool,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Table)]
    output: Format,
    /// Where `oarlock apply` keeps its state: what it was to remove and didn't come to is in the plan, too [default: `.oarlock/` beside the
    /// fleet file]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Save the plan in a file, with the digest of the inventory
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exit with 2 if there are changes
    #[arg(long)]
    detailed_exitcode: bool,
    /// Exit with 4 if there are findings of this severity or above
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "SEVERITY")]
    fail_on: FailOn,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Changes as Terraform shows them, then the proof
    Table,
    /// The whole plan as one JSON object
    Json,
    /// The access matrix: principal × verb × resource × cluster
    Matrix,
    /// The access matrix as one JSON object, with every permission whole
    MatrixJson,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FailOn {
    Note,
    Warning,
    Error,
    Never,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let state = saved::state(arguments.state.as_deref(), &arguments.fleet.fleet);
    let aim = Aim { adopt: arguments.adopt, destroy: arguments.destroy };
    let (Planned { plan, needs, .. }, _) = make(&arguments.fleet, Some(&state), aim)?;
    match arguments.output {
        Format::Table => print_text(&view::plan::human(&plan, width(Stream::Stdout)))?,
        Format::Json => print_json(&plan)?,
        Format::Matrix => print_text(&view::matrix::matrix(&needs))?,
        Format::MatrixJson => print_json(&view::matrix::Json::new(&needs))?,
    }
    if let Some(path) = &arguments.out {
        saved::write(path, &plan)?;
        say(&format!("saved the plan in {}", path.display()));
    }
    Ok(status(&plan, arguments))
}

/// Reads the input and makes the plan; with it, how many files it was made from. Without a state folder nothing is known of what earlier
/// plans were to remove.
pub(super) fn make(
    arguments: &FleetArguments,
    state: Option<&Path>,
    aim: Aim,
) -> anyhow::Result<(Planned, usize)> {
    let mut input = read_fleet(arguments)?;
    if let Some(folder) = state {
        input.removals = saved::removals(folder, &input.fleet)?;
    }
    let files = input.files();
    Ok((input.plan(aim)?, files))
}

fn status(plan: &Plan, arguments: &Arguments) -> Status {
    let threshold = match arguments.fail_on {
        FailOn::Note => Some(Severity::Note),
        FailOn::Warning => Some(Severity::Warning),
        FailOn::Error => Some(Severity::Error),
        FailOn::Never => None,
    };
    let mut status = Status::Fine;
    if threshold.is_some_and(|threshold| plan.findings.iter().any(|finding| finding.severity >= threshold))
        || plan.has_unmet_needs()
    {
        status = status.and(Status::Violated);
    }
    if !plan.complete || plan.has_undecided_needs() {
        status = status.and(Status::Undecided);
    }
    if arguments.detailed_exitcode && plan.has_changes() {
        status = status.and(Status::Changed);
    }
    status
}
