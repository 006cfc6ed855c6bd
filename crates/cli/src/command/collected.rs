//! A fleet as it is at this moment: collected into a folder that goes when nobody looks at it any more.

use std::path::{Path, PathBuf};

use facts::Gap;
use fleet::Fleet;
use inventory::folder;
use live::{
    Verb,
    collect::{Discover, Targets, Watch},
};
use tempfile::TempDir;

use super::WayIn;
use crate::{input::Refused, progress};

/// What was collected of a fleet.
pub(super) struct Collected {
    /// The inventory that was collected.
    pub(super) inventory: PathBuf,
    /// What couldn't be read.
    pub(super) gaps: Vec<Gap>,
    _folder: TempDir,
}

/// Collects all accounts and clusters that a fleet file names.
///
/// # Errors
/// Where the fleet file can't be used, and where it isn't known what to read.
pub(super) fn now(verb: Verb, file: &Path, way_in: &WayIn) -> anyhow::Result<Collected> {
    let fleet = fleet(file)?;
    let temporary = tempfile::tempdir()?;
    let inventory = temporary.path().join("inventory");
    let options = way_in.options(verb, targets(&fleet), fleet.hub.argocd.namespace.clone());
    let collection = live::collect::collect(&options, &inventory, &Bar::new())?;
    Ok(Collected { inventory, gaps: collection.gaps, _folder: temporary })
}

/// Reads a fleet file alone.
pub(super) fn fleet(file: &Path) -> anyhow::Result<Fleet> {
    let bytes = folder::read(file).map_err(Refused::one)?;
    let parsed = Fleet::parse(&file.display().to_string().into(), &bytes);
    parsed.map_err(|problems| Refused::error(problems, 1))
}

/// The hub and the clusters of a fleet.
pub(super) fn targets(fleet: &Fleet) -> Targets {
    Targets {
        hub: Some(fleet.hub.arn.clone()),
        clusters: fleet.all_clusters().map(|cluster| cluster.arn.clone()).collect(),
        discover: Discover::Nothing,
    }
}

/// Counts accounts and clusters.
pub(super) struct Bar(indicatif::ProgressBar);

impl Bar {
    pub(super) fn new() -> Self {
        Self(progress::bar(0, "reading accounts and clusters"))
    }
}

impl Watch for Bar {
    fn found(&self, more: usize) {
        self.0.inc_length(more as u64);
    }

    fn done(&self) {
        self.0.inc(1);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
