//! Saved plans: written whole or not at all, read only by the version that made them.

use std::path::{Path, PathBuf};

use facts::{Place, Problem};
use fleet::Fleet;
use inventory::folder;
use plan::{Plan, Removal};

use crate::{input::Refused, output::write_json};

/// The plan that was applied last, in a state folder.
pub(super) const APPLIED: &str = "applied.json";

/// Where applying keeps its state, unless somebody names another folder: beside the fleet file.
fn state_folder(fleet: &Path) -> PathBuf {
    fleet.parent().unwrap_or(Path::new("")).join(".oarlock")
}

/// The state folder that somebody names, or else a fleet's own.
pub(super) fn state(named: Option<&Path>, fleet: &Path) -> PathBuf {
    named.map_or_else(|| state_folder(fleet), Path::to_owned)
}

/// What earlier plans of a fleet were to remove and nobody has seen gone, and what the plan that was applied last has made where the fleet
/// file doesn't lead any more.
///
/// # Errors
/// Where the state folder can't be read.
pub(super) fn removals(folder: &Path, fleet: &Fleet) -> anyhow::Result<Vec<Removal>> {
    let mut removals = live::apply::removals(folder, &fleet.name)?;
    let applied = folder.join(APPLIED);
    // Another version's plan is no reason to refuse this one's.
    let forgotten = match applied.is_file().then(|| read(&applied)) {
        Some(Ok(plan)) if plan.fleet == fleet.name => Removal::of_forgotten(&plan, fleet),
        _ => Vec::new(),
    };
    for removal in forgotten {
        if removals.iter().all(|known| known.object != removal.object) {
            removals.push(removal);
        }
    }
    Ok(removals)
}

/// Saves a plan.
///
/// # Errors
/// Where the file can't be written.
pub(super) fn write(path: &Path, plan: &Plan) -> anyhow::Result<()> {
    folder::save(path, |file| write_json(file, plan)).map_err(refused)
}

/// Reads a saved plan.
///
/// # Errors
/// Where the file is no plan, or another version of Oarlock made it.
pub(super) fn read(path: &Path) -> anyhow::Result<Plan> {
    let place = || Place::file(path.display().to_string());
    let bytes = folder::read(path).map_err(refused)?;
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|error| {
        let (line, column) =
            (u32::try_from(error.line()).unwrap_or(0), u32::try_from(error.column()).unwrap_or(0));
        refused(Problem::new(Place::new(place().file, line, column), "this is not JSON, so no saved plan"))
    })?;
    let field = |name: &str| value.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    if field("kind") != "Plan" {
        let help = "make one with `oarlock plan -f fleet.yaml --out plan.json`";
        return Err(refused(Problem::new(place(), "this is no saved plan").with_help(help)));
    }
    let (made_by, ours) = (field("oarlockVersion"), env!("CARGO_PKG_VERSION"));
    if made_by != ours || field("apiVersion") != plan::API_VERSION {
        let message = format!("this plan was made by Oarlock `{made_by}`, and this is `{ours}`");
        let help = "make the plan again with this version: `oarlock plan -f fleet.yaml --out plan.json`";
        return Err(refused(Problem::new(place(), message).with_help(help)));
    }
    serde_json::from_value(value).map_err(|error| {
        refused(Problem::new(place(), format!("this plan has been changed by hand: {error}")))
    })
}

fn refused(problem: Problem) -> anyhow::Error {
    Refused { problems: vec![problem], fine: 0 }.into()
}
