//! `oarlock render`: what a plan wants, as files for the tools that people use.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use facts::{Problem, count};
use inventory::folder;
use plan::render::{Format, render};

use super::{FleetArguments, plan::make, saved};
use crate::{
    exit::Status,
    input::{Aim, Refused},
    output::say,
    view,
};

/// Write what the fleet needs as files: Kubernetes YAML, Terraform, CloudFormation, or an AWS CLI and kubectl script
///
/// Writes everything that is wanted, whether or not it is there already and whosever it is; removals are never written.
/// The folder is Oarlock's own: it refuses one that holds other people's files, and removes files of an earlier run that
/// are no more.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock render -f fleet.yaml --format terraform --out-dir terraform/
  oarlock render --plan plan.json --format kubernetes --out-dir manifests/")]
pub(crate) struct Arguments {
    #[command(flatten)]
    fleet: Option<FleetArguments>,
    /// Render a saved plan instead of a fleet file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fleet", "inventory"], required_unless_present = "fleet")]
    plan: Option<PathBuf>,
    /// kubernetes, terraform, cloudformation or aws-cli
    #[arg(long, value_name = "FORMAT")]
    format: Format,
    /// Where to write
    #[arg(long, value_name = "DIR")]
    out_dir: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let (plan, fine) = match (&arguments.plan, &arguments.fleet) {
        (Some(path), _) => (saved::read(path)?, 1),
        (None, Some(fleet)) => {
            let (planned, files) = make(fleet, None, Aim::default())?;
            (planned.plan, files)
        }
        (None, None) => anyhow::bail!("give a fleet file with `-f`, or a saved plan with `--plan`"),
    };
    let files = render(&plan.desired(), plan.helm_values.as_ref(), arguments.format, &plan.fleet);
    let scripts: Vec<String> =
        files.iter().filter(|file| file.executable).map(|file| file.path.clone()).collect();
    let output: BTreeMap<String, String> = files.into_iter().map(|file| (file.path, file.contents)).collect();
    write(&arguments.out_dir, &output, &scripts)
        .map_err(|problem| Refused { problems: vec![problem], fine })?;
    view::findings::say(&plan.findings, &plan.unknown);
    say(&format!("wrote {} to {}", count(output.len(), "file"), arguments.out_dir.display()));
    let violated = if plan.is_violated() { Status::Violated } else { Status::Fine };
    let undecided = if plan.complete { Status::Fine } else { Status::Undecided };
    Ok(violated.and(undecided))
}

fn write(folder: &Path, output: &BTreeMap<String, String>, scripts: &[String]) -> Result<(), Problem> {
    folder::write(folder, output)?;
    scripts.iter().try_for_each(|path| folder::make_executable(&folder.join(path)))
}
