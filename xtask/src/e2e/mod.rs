//! `cargo xtask e2e`: Oarlock against software that we did not write.
//!
//! The programs below `tests/e2e` are Go modules, one for each, on the upstream's own code. They are built once and kept in
//! `target/e2e`; no address is opened.

use anyhow::Result;
use clap::Args;

use crate::Workspace;

mod generate;
mod go;
mod rbac;

/// How much, and which.
#[derive(Args)]
pub(crate) struct Options {
    /// Questions about RBAC for Kubernetes' own authorizer and for ours
    #[arg(long, default_value_t = 100_000)]
    pub(crate) questions: u64,
    /// Seed of what is generated
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { questions: 100_000, seed: 1 }
    }
}

/// Builds what is missing, and compares; the first disagreement is an error. What was compared, in one line.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<String> {
    let oracle = go::build(workspace, "rbac-oracle")?;
    rbac::compare(&oracle, options)
}
