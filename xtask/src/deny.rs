//! cargo-deny: licences, banned crates and sources of the dependencies.

use std::path::PathBuf;

use anyhow::Result;

use crate::{Workspace, process};

/// Pinned, so that a new release never fails an old commit.
const VERSION: &str = "0.20.2";

/// Checks the dependencies against deny.toml.
///
/// Installs cargo-deny into the target folder first, where it is missing. Unoptimised and without its
/// advisory database, which is not used: about a minute and a half on two cores.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let binary = installed(workspace)?;
    let mut command = std::process::Command::new(binary);
    command.current_dir(&workspace.root).args(["--workspace", "check", "bans", "licenses", "sources"]);
    process::run(&mut command)
}

fn installed(workspace: &Workspace) -> Result<PathBuf> {
    let root = workspace.target.join("tools").join(format!("cargo-deny-{VERSION}"));
    let binary = root.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    if binary.is_file() {
        return Ok(binary);
    }
    let mut install =
        workspace.cargo(&["install", "cargo-deny", "--version", VERSION, "--locked", "--debug"]);
    install
        .args(["--no-default-features", "--quiet", "--config", "profile.dev.debug=0", "--root"])
        .arg(&root);
    install.arg("--target-dir").arg(workspace.target.join("tools").join("build"));
    process::run(&mut install)?;
    // What it was built from is of no more use, and larger than all the rest.
    let _ = std::fs::remove_dir_all(workspace.target.join("tools").join("build"));
    Ok(binary)
}
