//! Packages from PyPI: virtual environments with exactly the versions of a requirements file.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{Workspace, process};

/// Installs the packages into a folder below the target folder, or finds them installed: the environment's `bin`.
pub(crate) fn environment(workspace: &Workspace, folder: &str, requirements: &str) -> Result<PathBuf> {
    let folder = workspace.target.join(folder);
    let _alone = process::alone_in(&folder)?;
    let environment = folder.join("environment");
    let file = workspace.root.join(requirements);
    if !is_installed(&environment, &file)? {
        eprintln!("installing {requirements} (a minute, the first time)");
        install(&environment, &file)?;
    }
    Ok(environment.join("bin"))
}

/// The folder that holds an environment's packages.
pub(crate) fn site_packages(bin: &Path) -> Result<PathBuf> {
    let question = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let printed = process::output(Command::new(bin.join("python")).args(["-c", question]))?;
    Ok(String::from_utf8(printed)?.trim().into())
}

/// The requirements that an environment was made from are kept in it, written last.
fn stamp(environment: &Path) -> PathBuf {
    environment.join("requirements.txt")
}

fn is_installed(environment: &Path, requirements: &Path) -> Result<bool> {
    let wanted = fs::read(requirements).with_context(|| requirements.display().to_string())?;
    Ok(fs::read(stamp(environment)).is_ok_and(|installed| installed == wanted))
}

fn install(environment: &Path, requirements: &Path) -> Result<()> {
    process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment))
        .context("this needs Python 3.10 or newer, with venv")?;
    process::run(
        Command::new(environment.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"])
            .arg("--requirement")
            .arg(requirements),
    )?;
    fs::copy(requirements, stamp(environment))?;
    Ok(())
}
