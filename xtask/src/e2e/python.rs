//! Servers and tools from PyPI, in a virtual environment with the versions of `tests/e2e/python/requirements.txt`.

use std::path::PathBuf;

use anyhow::Result;

use crate::{Workspace, python};

/// Where the programs are.
#[derive(Debug)]
pub(super) struct Tools {
    /// Their folder, for the PATH of scripts.
    pub(super) bin: PathBuf,
    pub(super) cfn_lint: PathBuf,
    pub(super) kubectl: PathBuf,
    pub(super) ministack: PathBuf,
    pub(super) moto_server: PathBuf,
    pub(super) python: PathBuf,
    pub(super) shellcheck: PathBuf,
}

/// Installs them, or finds them installed.
pub(super) fn tools(workspace: &Workspace) -> Result<Tools> {
    Ok(Tools::below(python::environment(workspace, "e2e/python", "tests/e2e/python/requirements.txt")?))
}

impl Tools {
    fn below(bin: PathBuf) -> Self {
        Self {
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
