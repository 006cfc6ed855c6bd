//! `oarlock drift`: what isn't as it was made, or as it is wanted.

use std::path::{Path, PathBuf};

use facts::{Gap, Place, Problem};
use inventory::Inventory;
use live::Verb;
use plan::{Drift, Drifted, Plan};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    FleetArguments, Format, PrintPermissions, WayIn, collected, permissions, plan as planning, saved,
};
use crate::{
    exit::Status,
    input::{Aim, Refused, read_whole},
    output::{Stream, print, print_json, print_text, width},
    view,
};

/// Show what isn't as it was made, or as the fleet file wants it
///
/// Reads AWS and the clusters as `oarlock collect` does, or an inventory with `-i`, and compares. Nothing is printed if
/// nothing has drifted. What couldn't be read is unknown and never clean: the exit status is 5 then.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock drift -f fleet.yaml --detailed-exitcode
  oarlock drift -f fleet.yaml --applied -o json
  oarlock drift -f fleet.yaml --applied plan.json -i inventory/")]
pub(crate) struct Arguments {
    /// The fleet file
    #[arg(short = 'f', long = "fleet", value_name = "FILE")]
    fleet: PathBuf,
    /// Compare with this inventory and ask nobody
    #[arg(short = 'i', long = "inventory", value_name = "DIR", conflicts_with = "WayIn")]
    inventory: Option<PathBuf>,
    /// Compare with the plan that was applied last, instead of what the fleet file wants now [default file: `applied.json` in the state
    /// folder]
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    applied: Option<Option<PathBuf>>,
    /// Where `oarlock apply` keeps its state [default: `.oarlock/` beside the fleet file]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Exit with 2 if something has drifted
    #[arg(long)]
    detailed_exitcode: bool,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Text)]
    output: Format,
    #[command(flatten)]
    permissions: PrintPermissions,
    #[command(flatten)]
    way_in: WayIn,
}

/// What `oarlock drift -o json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Drift")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = view::API_VERSION))]
    api_version: &'static str,
    /// `Drift`
    #[schemars(extend("const" = "Drift"))]
    kind: &'static str,
    /// The fleet's name.
    fleet: String,
    /// With what was compared.
    against: Against,
    /// Digest of the inventory that was compared.
    inventory_digest: String,
    /// Whether it is certain that nothing has drifted.
    clean: bool,
    /// What has drifted.
    objects: Vec<Drifted>,
    /// What couldn't be read: whatever depends on it may have drifted.
    unknown: Vec<Gap>,
}

/// With what is compared what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Against {
    /// What the fleet file wants now.
    FleetFile,
    /// The plan that was applied last.
    Applied,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    if let Some(which) = arguments.permissions.print_permissions {
        print(&permissions::of_fleet(Verb::Drift, which, &arguments.fleet, &arguments.way_in, false)?)?;
        return Ok(Status::Fine);
    }
    // Before anybody is asked: what can't be compared needs no collecting.
    let state = saved::state(arguments.state.as_deref(), &arguments.fleet);
    let read = |file: &Option<PathBuf>| read_applied(&arguments.fleet, file.as_deref(), &state);
    let applied = arguments.applied.as_ref().map(read);
    let applied = applied.transpose()?;
    let result = match &arguments.inventory {
        Some(folder) => compare(&arguments.fleet, folder, applied.as_ref(), &state)?,
        None => {
            let collected = collected::now(Verb::Drift, &arguments.fleet, &arguments.way_in)?;
            compare(&arguments.fleet, &collected.inventory, applied.as_ref(), &state)?
        }
    };
    let status = status(&result, arguments.detailed_exitcode);
    match arguments.output {
        Format::Text => {
            print_text(&view::drift::text(&result.objects, &result.unknown, width(Stream::Stdout)))?
        }
        Format::Json => print_json(&result)?,
    }
    Ok(status)
}

/// What is in an inventory against the plan that was applied, or else against the fleet file.
fn compare(file: &Path, folder: &Path, applied: Option<&Plan>, state: &Path) -> anyhow::Result<Json> {
    let (drift, against, fleet, digest) = match applied {
        Some(applied) => {
            let (fleet, inventory) = (collected::fleet(file)?, read_whole(folder)?);
            let Inventory { digest, .. } = &inventory;
            let removals = saved::removals(state, &fleet)?;
            let drift = Drift::from_applied(applied, &fleet, &inventory, &removals);
            (drift, Against::Applied, fleet.name, digest.clone())
        }
        None => {
            let arguments = FleetArguments { fleet: file.to_owned(), inventory: Some(folder.to_owned()) };
            let (planned, _) = planning::make(&arguments, Some(state), Aim::default())?;
            let plan = planned.plan;
            let digest = plan.inventory_digest.clone().unwrap_or_default();
            (Drift::from_fleet_file(&plan), Against::FleetFile, plan.fleet, digest)
        }
    };
    Ok(Json {
        api_version: view::API_VERSION,
        kind: "Drift",
        fleet,
        against,
        inventory_digest: digest,
        clean: drift.is_clean(),
        objects: drift.objects,
        unknown: drift.unknown,
    })
}

fn status(result: &Json, detailed: bool) -> Status {
    let drifted = if detailed && !result.objects.is_empty() { Status::Changed } else { Status::Fine };
    let unknown = if result.unknown.is_empty() { Status::Fine } else { Status::Undecided };
    drifted.and(unknown)
}

/// The plan that was applied last, if it was this fleet's.
fn read_applied(fleet: &Path, named: Option<&Path>, state: &Path) -> anyhow::Result<Plan> {
    let path = match named {
        Some(file) => file.to_owned(),
        None => state.join(saved::APPLIED),
    };
    if named.is_none() && !path.is_file() {
        let problem =
            Problem::new(Place::file(path.display().to_string()), "nothing says what was applied last");
        let help = "name a plan that was applied: `--applied FILE`, saved by `oarlock plan --out FILE`";
        return Err(Refused::one(problem.with_help(help)).into());
    }
    let plan = saved::read(&path)?;
    let name = collected::fleet(fleet)?.name;
    if plan.fleet != name {
        let message =
            format!("this plan is of the fleet `{}`, and {} is `{name}`", plan.fleet, fleet.display());
        let problem = Problem::new(Place::file(path.display().to_string()), message);
        return Err(Refused::one(problem.with_help("name a plan of this fleet: `--applied FILE`")).into());
    }
    Ok(plan)
}
