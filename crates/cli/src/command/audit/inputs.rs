//! What is audited, from the file system.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use checks::audit::{Ignored, LooseFile, Report, apply_baseline};
use facts::{Place, Problem};
use inventory::{File, Inventory, folder};
use serde_json::Value;

use crate::{diagnostic, input::Refused};

/// What was read.
pub(super) struct Read {
    pub(super) files: Vec<LooseFile>,
    pub(super) inventory: Option<ReadInventory>,
    pub(super) ignored: Vec<Ignored>,
    /// Files of the inventory that can't be used: they have been said.
    pub(super) has_problems: bool,
}

/// An inventory with its files.
pub(super) struct ReadInventory {
    pub(super) inventory: Inventory,
    pub(super) files: Vec<File>,
}

pub(super) fn read(paths: &[PathBuf], inventory: Option<&Path>) -> anyhow::Result<Read> {
    let mut files = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            files.push(standard_input()?);
            continue;
        }
        for path in folder::sources(path).map_err(Refused::one)? {
            let bytes = folder::read(&path).map_err(Refused::one)?;
            files.push(LooseFile { name: path.display().to_string().into(), bytes });
        }
    }
    let mut has_problems = false;
    let inventory =
        inventory.map(|path| read_inventory(path, &mut has_problems)).transpose().map_err(Refused::one)?;
    // A folder may have the inventory in it: that one is read as such.
    let of_inventory = inventory.iter().flat_map(|read: &ReadInventory| &read.files);
    let names: BTreeSet<&str> = of_inventory.map(|file| &*file.name).collect();
    files.retain(|file| !names.contains(&*file.name));
    Ok(Read { files, inventory, ignored: Vec::new(), has_problems })
}

fn standard_input() -> anyhow::Result<LooseFile> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
    Ok(LooseFile { name: "-".into(), bytes })
}

fn read_inventory(path: &Path, has_problems: &mut bool) -> Result<ReadInventory, Problem> {
    let files = folder::inventory(path)?;
    let reading = Inventory::read(&files);
    diagnostic::report(&reading.problems);
    *has_problems |= !reading.problems.is_empty();
    Ok(ReadInventory { inventory: reading.inventory, files })
}

/// The fingerprints of an earlier report.
pub(super) struct Baseline {
    fingerprints: Vec<String>,
    said: Place,
}

impl Baseline {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        Ok(Self { fingerprints: fingerprints(path)?, said: Place::file(path.display().to_string()) })
    }

    /// Leaves alone what it has.
    pub(super) fn apply(&self, report: &mut Report) {
        apply_baseline(report, self.fingerprints.iter().cloned(), &self.said);
    }
}

fn fingerprints(path: &Path) -> anyhow::Result<Vec<String>> {
    let bytes = folder::read(path).map_err(Refused::one)?;
    let report: Value =
        serde_json::from_slice(&bytes).with_context(|| format!("`{}` is no JSON", path.display()))?;
    if report.get("kind").and_then(Value::as_str) != Some("Audit") {
        bail!("`{}` is no `Audit`: make one with `oarlock audit … -o json`", path.display());
    }
    let findings = report.get("findings").and_then(Value::as_array).into_iter().flatten();
    let of = |found: &Value| found.get("fingerprint")?.as_str().map(str::to_owned);
    Ok(findings.filter_map(of).collect())
}

/// The day in UTC.
pub(super) fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

impl Read {
    /// The texts of the files by name, for showing lines of them.
    pub(super) fn texts(&self) -> BTreeMap<&str, &str> {
        let loose = self.files.iter().map(|file| (&*file.name, &*file.bytes));
        let of_inventory = self.inventory.iter().flat_map(|read| &read.files);
        let all = loose.chain(of_inventory.map(|file| (&*file.name, &*file.bytes)));
        all.filter_map(|(name, bytes)| Some((name, std::str::from_utf8(bytes).ok()?))).collect()
    }
}
