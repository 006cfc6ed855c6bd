//! What every suite gets: where things are, how much to do, and a folder of its own.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use rayon::prelude::*;

use super::Options;
use crate::Workspace;

/// One comparison with software that we did not write: `cargo xtask e2e NAME`.
pub(super) struct Suite {
    /// Also the name of its file.
    pub(super) name: &'static str,
    /// What it shows, in one line.
    pub(super) what: &'static str,
    /// Runs it; what was shown, in one line.
    pub(super) run: fn(&Ground<'_>) -> Result<String>,
}

/// How many cases are played at once. Each waits for its servers most of the time.
const AT_ONCE: usize = 4;

/// What a suite stands on.
pub(super) struct Ground<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) options: &'a Options,
    /// Of this run and this suite alone, with the logs of its servers. It is kept where the suite fails.
    pub(super) folder: PathBuf,
}

impl<'a> Ground<'a> {
    pub(super) fn new(workspace: &'a Workspace, options: &'a Options, suite: &str) -> Result<Self> {
        let runs = workspace.target.join("e2e/runs");
        let folder = runs.join(format!("{}-{suite}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { workspace, options, folder })
    }

    /// The `oarlock` binary as a user has it, built if need be.
    pub(super) fn oarlock(&self) -> Result<PathBuf> {
        self.workspace.oarlock()
    }

    /// Plays cases, several at once; what came of them in their order.
    pub(super) fn each<C: Sync, T: Send>(
        &self,
        cases: &[C],
        play: impl Fn(&C) -> Result<T> + Send + Sync,
    ) -> Result<Vec<T>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(AT_ONCE).build()?;
        pool.install(|| cases.par_iter().with_max_len(1).map(play).collect())
    }

    /// Whether a case was asked for.
    pub(super) fn wants(&self, case: &str) -> bool {
        case.contains(&self.options.case)
    }

    /// Whether all there is was asked for: then what is kept in the repository is written anew.
    pub(super) fn is_everything(&self) -> bool {
        self.options.all && self.options.case.is_empty()
    }

    /// The example fleets.
    pub(super) fn examples(&self) -> PathBuf {
        self.workspace.root.join("examples")
    }
}
