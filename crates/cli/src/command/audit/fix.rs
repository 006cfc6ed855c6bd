//! What `--fix` writes, and what it says of it.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, IsTerminal as _},
    path::Path,
};

use checks::audit::{AuditFinding, Edited, Mended, Report};
use facts::{Place, Problem, count};

use super::inputs::Read;
use crate::{
    input::Refused,
    output::{print, print_text, say as line},
    view::audit::diff::diff,
};

/// Ends the name of a file that isn't whole yet.
const UNFINISHED: &str = ".oarlock-unfinished";

/// Writes the files: each one whole, or not at all.
pub(super) fn write(files: &[Edited]) -> anyhow::Result<()> {
    for file in files {
        replace(Path::new(&*file.name), file).map_err(|error| {
            let place = Place::file(&*file.name);
            Refused::one(Problem::new(place, format!("can't be written: {error}")))
        })?;
    }
    Ok(())
}

/// Puts the new text in place of the file, with its permissions; behind a symbolic link, of the file that it leads to.
#[expect(clippy::disallowed_methods, reason = "`--fix` writes people's own files, which nothing else does")]
fn replace(path: &Path, edited: &Edited) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    if fs::read(&path)? != edited.before.as_bytes() {
        return Err(io::Error::other("somebody has changed it in the meantime"));
    }
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(UNFINISHED);
    let put = || {
        fs::write(&unfinished, &edited.after)?;
        fs::set_permissions(&unfinished, fs::metadata(&path)?.permissions())?;
        fs::rename(&unfinished, &path)
    };
    put().inspect_err(|_| {
        let _ = fs::remove_file(&unfinished);
    })
}

/// Prints the edits as a patch: as it is for `patch`, and so that it steers no terminal for people.
pub(super) fn print_patch(files: &[Edited]) -> anyhow::Result<()> {
    let patch = diff(files);
    if io::stdout().is_terminal() { print_text(&patch) } else { print(&patch) }
}

/// Says on stderr how much was mended, or would be, and what is left in `report`.
pub(super) fn say(mended: &Mended, is_written: bool, report: &Report, read: &Read) {
    let findings = mended.files.iter().map(|file| file.mended).sum();
    let (findings, files) = (count(findings, "finding"), count(mended.files.len(), "file"));
    let would = if is_written { "" } else { "would be " };
    line(&format!("fix: {findings} {would}mended in {files}, {} left", report.findings.len()));
    if mended.overlapping > 0 {
        let edits = count(mended.overlapping, "edit");
        line(&format!("note: {edits} left out that would change the same text: run it again"));
    }
    for file in &mended.refused {
        line(&format!("note: `{file}` stays as it is: its edits would have brought up other findings"));
    }
    let of_inventory = read.inventory.iter().flat_map(|read| &read.files);
    let names: BTreeSet<&str> = of_inventory.map(|file| &*file.name).collect();
    let places = report.findings.iter().filter_map(AuditFinding::place);
    if places.into_iter().any(|place| names.contains(&*place.file)) {
        line("note: files of an inventory say what AWS and the clusters said, and are never edited");
    }
}
