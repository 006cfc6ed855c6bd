//! Where things are.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::process;

/// The checkout that this xtask was built from.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The folder of the workspace's Cargo.toml.
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
}

impl Workspace {
    /// The checkout that this xtask was built from, and the target folder that cargo uses for it.
    pub fn here() -> Self {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = package.parent().unwrap_or(package).to_owned();
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        Self { root, target }
    }

    /// The `oarlock` binary as it is tested, built if need be. Its dependencies have the features that all tests of the workspace ask for: with
    /// those of `-p oarlock-cli` alone, cargo would build the AWS SDKs a second time.
    ///
    /// # Errors
    /// Where it can't be built.
    pub fn oarlock(&self) -> Result<PathBuf> {
        let with_features_of_tests =
            ["build", "--quiet", "--locked", "--workspace", "--bin", "oarlock", "--test", "cli"];
        process::run(&mut self.cargo(&with_features_of_tests))?;
        Ok(self.target.join("debug").join(format!("oarlock{}", env::consts::EXE_SUFFIX)))
    }

    /// A cargo command in the root of the workspace, as somebody at a shell has it: build scripts run again where cargo's words about a package
    /// have changed, and those that this program was started with are about itself.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        for (name, _) in env::vars_os() {
            let about = name.to_string_lossy();
            if about.starts_with("CARGO_PKG_") || about.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command.current_dir(&self.root).args(arguments);
        command
    }
}
