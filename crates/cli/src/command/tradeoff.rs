//! `oarlock tradeoff`: the fleet's roles per cluster, project or account, shared, or none, compared.

use clap::ValueEnum;

use super::FleetArguments;
use crate::{
    exit::Status,
    input::{Refused, read_fleet},
    output::{Stream, print, print_json, print_text, width},
    view,
};

/// Compare the fleet with roles per cluster, per project, per account and shared, and direct with chained access
///
/// Plans the fleet in each of these ways and counts: objects to keep, shares of AWS's quotas, what is lost with one stolen
/// role, what replacing one takes, what logs tell. Recommends one, says why, and at which size of the fleet that changes.
/// The exit status is 4 if none fits AWS's quotas, 5 if not everything is known.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock tradeoff -f fleet.yaml
  oarlock tradeoff -f fleet.yaml -o svg > docs/decisions/argocd-roles.svg
  oarlock tradeoff -f fleet.yaml -o json | jq .recommendation")]
pub(crate) struct Arguments {
    #[command(flatten)]
    fleet: FleetArguments,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Table)]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A column for each way, then the recommendation
    Table,
    /// All numbers as one JSON object
    Json,
    /// A chart for a decision record
    Svg,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let mut input = read_fleet(&arguments.fleet)?;
    let files = input.files();
    let tradeoff = plan::tradeoff::tradeoff(input.as_input());
    let tradeoff = tradeoff.map_err(|problems| Refused::error(problems, files))?;
    match arguments.output {
        Format::Table => print_text(&view::tradeoff::human(&tradeoff, width(Stream::Stdout)))?,
        Format::Json => print_json(&tradeoff)?,
        Format::Svg => print(&plan::tradeoff::svg(&tradeoff))?,
    }
    let fits = if tradeoff.recommendation.variant.is_some() { Status::Fine } else { Status::Violated };
    Ok(fits.and(if tradeoff.complete { Status::Fine } else { Status::Undecided }))
}
