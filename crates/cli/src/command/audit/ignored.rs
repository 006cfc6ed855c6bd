//! What is to be left alone, from an ignore file and from a fleet file.

use std::{path::Path, sync::Arc};

use checks::audit::{CHECKS, Ignored, ignore_file, nearest};
use facts::{Place, Problem};
use fleet::{Fleet, Suppression};
use inventory::folder;

use crate::input::Refused;

/// # Errors
/// A file that can't be read, or lines in it that say too little or name a check that there isn't.
pub(super) fn of_file(path: &Path) -> anyhow::Result<Vec<Ignored>> {
    let bytes = folder::read(path).map_err(Refused::one)?;
    let name = Arc::from(path.display().to_string());
    let text = String::from_utf8_lossy(&bytes);
    let ignored = ignore_file(&name, &text).map_err(|problems| Refused::error(problems, 0))?;
    let problems = ignored.iter().filter_map(|ignored| of_no_check(&ignored.id, &ignored.said));
    Refused::unless_empty(problems.collect(), 0)?;
    Ok(ignored)
}

/// The `audit.suppressions` of a fleet file.
///
/// # Errors
/// A file that can't be read or is wrong anywhere, or names of checks that none has.
pub(super) fn of_fleet(path: &Path) -> anyhow::Result<Vec<Ignored>> {
    let bytes = folder::read(path).map_err(Refused::one)?;
    let name = Arc::from(path.display().to_string());
    let fleet = Fleet::parse(&name, &bytes).map_err(|problems| Refused::error(problems, 0))?;
    let problems = fleet.suppressions.iter().filter_map(|each| of_no_check(&each.check, &each.place));
    Refused::unless_empty(problems.collect(), 0)?;
    Ok(fleet.suppressions.into_iter().map(ignored).collect())
}

fn of_no_check(id: &str, said: &Place) -> Option<Problem> {
    if CHECKS.iter().any(|check| check.about.id() == id) {
        return None;
    }
    let help = match nearest(id) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`oarlock audit --list` prints them all".to_owned(),
    };
    Some(Problem::new(said.clone(), format!("there is no check `{id}`")).with_help(help))
}

fn ignored(suppression: Suppression) -> Ignored {
    Ignored {
        id: suppression.check,
        file: suppression.file,
        cluster: suppression.cluster,
        about: suppression.about,
        reason: suppression.reason,
        until: suppression.until,
        said: suppression.place,
        beside: false,
    }
}
