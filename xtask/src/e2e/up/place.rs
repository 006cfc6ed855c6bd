//! Where `up`, `down` and the keeper meet: `target/e2e/up`, and a lock beside it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::PathBuf,
    process,
};

use anyhow::{Context, Result};

use crate::Workspace;

/// The folder of the servers that stay.
pub(super) struct Place {
    /// With the servers' own folders and logs.
    pub(super) folder: PathBuf,
}

impl Place {
    pub(super) fn of(workspace: &Workspace) -> Self {
        Self { folder: workspace.target.join("e2e/up") }
    }

    /// The lock, unless a keeper has it.
    pub(super) fn lock(&self) -> Result<Option<File>> {
        fs::create_dir_all(self.folder.with_file_name(""))?;
        let file = File::create(self.folder.with_extension("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error).context("cannot lock"),
        }
    }

    /// Removes all that a keeper has left. Whoever does this has the lock.
    pub(super) fn clear(&self) -> Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error)?,
            _ => Ok(()),
        }
    }

    /// Makes the folder anew, for a keeper to come. Whoever does this has the lock.
    pub(super) fn prepare(&self) -> Result<()> {
        self.clear()?;
        fs::create_dir_all(&self.folder)?;
        Ok(fs::write(self.keeper(), "")?)
    }

    /// Makes this process the keeper, unless none is wanted any more.
    pub(super) fn claim(&self) -> Result<()> {
        let file = OpenOptions::new().write(true).open(self.keeper());
        let mut file = file.context("no keeper is wanted: `cargo xtask e2e up` starts one")?;
        Ok(write!(file, "{}", process::id())?)
    }

    /// Whether this process is still the keeper. It isn't where somebody has removed the folder, and perhaps made it anew.
    pub(super) fn is_claimed(&self) -> bool {
        fs::read_to_string(self.keeper()).is_ok_and(|id| id == process::id().to_string())
    }

    /// Tells the keeper to end; its process.
    pub(super) fn dismiss(&self) -> Result<String> {
        let id = fs::read_to_string(self.keeper()).unwrap_or_default();
        match fs::remove_file(self.keeper()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error)?,
            _ => Ok(id),
        }
    }

    /// Says how a shell finds the servers, all at once.
    pub(super) fn announce(&self, environment: &str) -> Result<()> {
        let unfinished = self.environment().with_extension("unfinished");
        fs::write(&unfinished, environment)?;
        Ok(fs::rename(unfinished, self.environment())?)
    }

    /// The lines for a shell.
    pub(super) fn environment(&self) -> PathBuf {
        self.folder.join("environment.sh")
    }

    /// The keeper's log, to write to.
    pub(super) fn log(&self) -> Result<File> {
        Ok(OpenOptions::new().create(true).append(true).open(self.folder.join("keeper.log"))?)
    }

    /// What the keeper has to say.
    pub(super) fn said(&self) -> String {
        fs::read_to_string(self.folder.join("keeper.log")).unwrap_or_default()
    }

    /// The file that names the keeper for as long as one is wanted.
    fn keeper(&self) -> PathBuf {
        self.folder.join("keeper")
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    fn place() -> (tempfile::TempDir, Place) {
        let target = tempfile::tempdir().unwrap();
        let place = Place { folder: target.path().join("e2e/up") };
        (target, place)
    }

    #[test]
    fn the_lock_belongs_to_the_process_that_has_it_as_stdin_and_ends_with_it() {
        let (_target, place) = place();
        let lock = place.lock().unwrap().unwrap();
        let mut keeper =
            Command::new("tail").args(["-f", "/dev/null"]).stdin(lock).stdout(Stdio::null()).spawn().unwrap();
        assert!(place.lock().unwrap().is_none());
        keeper.kill().unwrap();
        keeper.wait().unwrap();
        assert!(place.lock().unwrap().is_some());
    }

    #[test]
    fn a_keeper_notices_that_it_was_dismissed() {
        let (_target, place) = place();
        place.prepare().unwrap();
        place.claim().unwrap();
        assert!(place.is_claimed());
        assert_eq!(place.dismiss().unwrap(), process::id().to_string());
        assert!(!place.is_claimed());
        assert!(place.claim().is_err());
    }

    #[test]
    fn a_keeper_notices_that_its_folder_was_made_anew() {
        let (_target, place) = place();
        place.prepare().unwrap();
        place.claim().unwrap();
        place.prepare().unwrap();
        assert!(!place.is_claimed());
    }
}
