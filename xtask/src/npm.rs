//! npm's packages, in the versions of a `package-lock.json` below `tests/e2e`.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::{Workspace, process};

const LOCKFILE: &str = "package-lock.json";

/// Installs the packages of `tests/e2e/NAME`, or finds them installed; their folder.
pub(crate) fn packages(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let from = workspace.root.join("tests/e2e").join(name);
    let folder = workspace.target.join("e2e/npm").join(name);
    let _alone = process::alone_in(&folder)?;
    let modules = folder.join("node_modules");
    // What they were installed from is kept among them, written last.
    let stamp = modules.join(LOCKFILE);
    let wanted = fs::read(from.join(LOCKFILE))?;
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(modules);
    }
    for file in ["package.json", LOCKFILE, ".npmrc"] {
        fs::copy(from.join(file), folder.join(file))?;
    }
    eprintln!("installing tests/e2e/{name}/{LOCKFILE} (half a minute, the first time)");
    let mut npm = Command::new("npm");
    process::run(npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&folder))
        .with_context(|| format!("tests/e2e/{name} needs packages from npm"))?;
    fs::write(stamp, wanted)?;
    Ok(modules)
}
