//! Servers and tools from PyPI, in a virtual environment with the versions of `tests/e2e/python/requirements.txt`.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{Workspace, process};

/// Where the programs are.
#[derive(Debug)]
pub(super) struct Tools {
    /// Their folder, for the PATH of scripts.
    pub(super) bin: PathBuf,
    pub(super) aws: PathBuf,
    pub(super) cfn_lint: PathBuf,
    pub(super) kubectl: PathBuf,
    pub(super) ministack: PathBuf,
    pub(super) moto_server: PathBuf,
    pub(super) python: PathBuf,
    pub(super) shellcheck: PathBuf,
}

/// Installs them, or finds them installed.
pub(super) fn tools(workspace: &Workspace) -> Result<Tools> {
    let requirements = workspace.root.join("tests/e2e/python/requirements.txt");
    let folder = workspace.target.join("e2e/python");
    fs::create_dir_all(&folder)?;
    // Whoever comes second waits for the first, and finds them installed.
    let lock = File::create(folder.join("lock"))?;
    lock.lock().context("cannot lock the virtual environment")?;
    let environment = folder.join("environment");
    if !is_installed(&environment, &requirements)? {
        install(&environment, &requirements)?;
    }
    Ok(Tools::below(environment.join("bin")))
}

impl Tools {
    fn below(bin: PathBuf) -> Self {
        Self {
            aws: bin.join("aws"),
            cfn_lint: bin.join("cfn-lint"),
            kubectl: bin.join("kubectl"),
            ministack: bin.join("ministack"),
            moto_server: bin.join("moto_server"),
            python: bin.join("python"),
            shellcheck: bin.join("shellcheck"),
            bin,
        }
    }
}

/// The requirements that an environment was made from are kept in it, written last.
fn stamp(environment: &Path) -> PathBuf {
    environment.join("requirements.txt")
}

fn is_installed(environment: &Path, requirements: &Path) -> Result<bool> {
    let wanted = fs::read(requirements)?;
    Ok(fs::read(stamp(environment)).is_ok_and(|installed| installed == wanted))
}

fn install(environment: &Path, requirements: &Path) -> Result<()> {
    eprintln!("installing tests/e2e/python/requirements.txt (a minute, the first time)");
    process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment))
        .context("tests/e2e needs Python 3.10 or newer, with venv")?;
    process::run(
        Command::new(environment.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"])
            .arg("--requirement")
            .arg(requirements),
    )?;
    fs::copy(requirements, stamp(environment))?;
    Ok(())
}
