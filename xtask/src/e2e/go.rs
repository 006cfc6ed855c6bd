//! The programs of `tests/e2e`, built with Go.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::Command,
    sync::{Mutex, PoisonError},
};

use anyhow::{Context, Result, bail};

use crate::{Workspace, process};

/// Kubernetes built with a later one serves a corrupt OpenAPI document.
const VERSION: &str = "go1.26";

/// What this process has built.
static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());

/// Builds a program, or finds it built: Go knows what has changed.
pub(super) fn program(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    tool(workspace, name, ".")
}

/// The same for a program that is somebody else's: a package of a module that `tests/e2e/NAME` requires.
pub(super) fn tool(workspace: &Workspace, name: &str, package: &str) -> Result<PathBuf> {
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(program) = built.get(name) {
        return Ok(program.clone());
    }
    let program = build(workspace, name, package)?;
    built.insert(name.to_owned(), program.clone());
    Ok(program)
}

fn build(workspace: &Workspace, name: &str, package: &str) -> Result<PathBuf> {
    let folder = workspace.root.join("tests/e2e").join(name);
    let programs = workspace.target.join("e2e");
    let _alone = process::alone_in(&programs)?;
    let program = programs.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let version = process::output(go().args(["env", "GOVERSION"]))
        .with_context(|| format!("tests/e2e needs Go {}", VERSION.trim_start_matches("go")))?;
    let version = String::from_utf8_lossy(&version).trim().to_owned();
    if !version.starts_with(VERSION) {
        bail!("tests/e2e needs {VERSION}, and `go env GOVERSION` says {version}: put it first in PATH");
    }
    eprintln!("building tests/e2e/{name} (minutes, the first time)");
    // `go build -o` would link each time; what is installed is linked when something has changed.
    process::run(go().current_dir(&folder).env("GOBIN", &programs).arg("install").arg(package))?;
    Ok(program)
}

/// Runs a program's own tests; Go remembers which passed.
pub(super) fn test(workspace: &Workspace, name: &str) -> Result<()> {
    process::run(go().current_dir(workspace.root.join("tests/e2e").join(name)).args(["test", "./..."]))
}

/// The folder with the source of a module that a program requires, whether or not that was built before.
pub(super) fn module(workspace: &Workspace, name: &str, module: &str) -> Result<PathBuf> {
    let folder = workspace.root.join("tests/e2e").join(name);
    process::run(go().current_dir(&folder).args(["mod", "download", module]))?;
    let mut list = go();
    let printed = process::output(list.current_dir(folder).args(["list", "-m", "-f", "{{.Dir}}", module]))?;
    Ok(PathBuf::from(String::from_utf8(printed)?.trim()))
}

/// Go as it is, with the versions that the module names and nothing else.
fn go() -> Command {
    let mut command = Command::new("go");
    command.env("GOTOOLCHAIN", "local").env("GOFLAGS", "-mod=readonly").env("CGO_ENABLED", "0");
    command
}
