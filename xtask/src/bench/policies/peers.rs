//! Other engines, on the same files: each a program that prints the same report.

use std::process::Command;

use anyhow::Result;

use super::generate::Input;
use crate::{Workspace, npm, process};

/// The crate `iam-rs`, in a workspace of its own, so that nothing of ours depends on what it depends on.
pub(super) fn iam_rs(workspace: &Workspace, input: &Input) -> Result<Command> {
    let target = workspace.target.join("bench/iam-rs");
    let mut cargo = workspace.cargo(&["build", "--release", "--locked", "--quiet", "--manifest-path"]);
    process::run(cargo.arg("tests/e2e/iam-rs/Cargo.toml").arg("--target-dir").arg(&target))?;
    let name = format!("oarlock-bench-iam-rs{}", std::env::consts::EXE_SUFFIX);
    Ok(on(Command::new(target.join("release").join(name)), input))
}

/// `@cloud-copilot/iam-simulate`, from npm, the same that `cargo xtask e2e policies` compares with.
pub(super) fn iam_simulate(workspace: &Workspace, input: &Input) -> Result<Command> {
    let packages = npm::packages(workspace, "iam-simulate")?;
    let mut node = Command::new("node");
    node.arg(workspace.root.join("tests/e2e/iam-simulate/measure.mjs")).arg(packages);
    Ok(on(node, input))
}

fn on(mut program: Command, input: &Input) -> Command {
    program.arg(&input.roles).arg(&input.requests);
    program
}
