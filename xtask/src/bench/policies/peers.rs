//! Other engines, on the same files: each a program below `tests/bench` that prints the same report.

use std::{fs, process::Command};

use anyhow::{Context, Result};

use super::generate::Input;
use crate::{Workspace, process};

/// The crate `iam-rs`, in a workspace of its own, so that nothing of ours depends on what it depends on.
pub(super) fn iam_rs(workspace: &Workspace, input: &Input) -> Result<Command> {
    let target = workspace.target.join("bench/iam-rs");
    let mut cargo = workspace.cargo(&["build", "--release", "--locked", "--quiet", "--manifest-path"]);
    process::run(cargo.arg("tests/bench/iam-rs/Cargo.toml").arg("--target-dir").arg(&target))?;
    let name = format!("oarlock-bench-iam-rs{}", std::env::consts::EXE_SUFFIX);
    Ok(on(Command::new(target.join("release").join(name)), input))
}

/// `@cloud-copilot/iam-simulate`, installed from npm into the target folder.
pub(super) fn iam_simulate(workspace: &Workspace, input: &Input) -> Result<Command> {
    let (from, folder) =
        (workspace.root.join("tests/bench/iam-simulate"), workspace.target.join("bench/iam-simulate"));
    fs::create_dir_all(&folder)?;
    for name in ["package.json", "package-lock.json", "decide.mjs"] {
        fs::copy(from.join(name), folder.join(name)).with_context(|| format!("cannot copy {name}"))?;
    }
    let mut npm = Command::new("npm");
    process::run(npm.args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    let mut node = Command::new("node");
    node.arg(folder.join("decide.mjs"));
    Ok(on(node, input))
}

fn on(mut program: Command, input: &Input) -> Command {
    program.arg(&input.roles).arg(&input.requests);
    program
}
