//! Another time of day for one program: `tests/e2e/clock`, built when it is needed.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use super::suite::Ground;
use crate::process;

/// A clock that is so many seconds ahead, or behind where that is negative: what a program's environment has to have for it. Nothing where
/// programs don't ask glibc what time it is.
pub(super) fn shifted(ground: &Ground<'_>, seconds: i64) -> Result<Option<Vec<(&'static str, String)>>> {
    if !cfg!(all(target_os = "linux", target_env = "gnu")) {
        return Ok(None);
    }
    let library = library(ground)?;
    Ok(Some(vec![
        ("LD_PRELOAD", library.to_string_lossy().into_owned()),
        ("CLOCK_SHIFT", seconds.to_string()),
    ]))
}

fn library(ground: &Ground<'_>) -> Result<PathBuf> {
    let library = ground.folder.join("clock.so");
    let source = ground.workspace.root.join("tests/e2e/clock/clock.c");
    process::run(Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source))?;
    Ok(library)
}
