//! What is to be left alone, from an ignore file and from a fleet file.

use std::{path::Path, sync::Arc};

use checks::audit::{CHECKS, Ignored, ignore_file};
use facts::Problem;
use fleet::{Fleet, Suppression};
use inventory::folder;

use super::nearest;
use crate::input::Refused;

/// # Errors
/// A file that can't be read, or lines in it that say too little.
pub(super) fn of_file(path: &Path) -> anyhow::Result<Vec<Ignored>> {
    let bytes = folder::read(path).map_err(Refused::one)?;
    let name = Arc::from(path.display().to_string());
    let text = String::from_utf8_lossy(&bytes);
    ignore_file(&name, &text).map_err(|problems| Refused::error(problems, 0))
}

/// The `audit.suppressions` of a fleet file.
///
/// # Errors
/// A file that can't be read or is wrong anywhere, or names of checks that none has.
pub(super) fn of_fleet(path: &Path) -> anyhow::Result<Vec<Ignored>> {
    let bytes = folder::read(path).map_err(Refused::one)?;
    let name = Arc::from(path.display().to_string());
    let fleet = Fleet::parse(&name, &bytes).map_err(|problems| Refused::error(problems, 0))?;
    Refused::unless_empty(fleet.suppressions.iter().filter_map(of_no_check).collect(), 0)?;
    Ok(fleet.suppressions.into_iter().map(ignored).collect())
}

fn of_no_check(suppression: &Suppression) -> Option<Problem> {
    let id = &suppression.check;
    if CHECKS.iter().any(|check| check.about.id() == *id) {
        return None;
    }
    let help = match nearest(id) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`oarlock audit --list` prints them all".to_owned(),
    };
    Some(Problem::new(suppression.place.clone(), format!("there is no check `{id}`")).with_help(help))
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
