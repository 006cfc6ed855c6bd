//! Starting the binary, always from the repository's root, so that the paths in its output are relative and stable.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// How a run ended.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The run, if it ended with this status; else a panic that shows what it said.
    #[track_caller]
    pub(crate) fn ended_with(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// The binary with its surroundings, for runs that need more than arguments.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oarlock"));
    command.args(arguments).current_dir(root()).env("NO_COLOR", "1").stdin(Stdio::null());
    command.env_remove("COLUMNS");
    command
}

/// Runs the binary as on a screen so wide.
pub(crate) fn oarlock_on_screen(columns: usize, arguments: &[&str]) -> Run {
    finished(command(arguments).env("COLUMNS", columns.to_string()).output().unwrap())
}

/// Runs the binary.
pub(crate) fn oarlock(arguments: &[&str]) -> Run {
    finished(command(arguments).output().unwrap())
}

/// Runs the binary with a text on its standard input.
pub(crate) fn oarlock_reading(text: &str, arguments: &[&str]) -> Run {
    let mut command = command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    finished(child.wait_with_output().unwrap())
}

pub(crate) fn finished(output: Output) -> Run {
    Run {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files below a folder with their text, by paths with slashes; empty if there is no such folder.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    collect(folder, folder, &mut all);
    all
}

fn collect(root: &Path, folder: &Path, all: &mut BTreeMap<String, String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(root, &path, all);
        } else {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            all.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

/// A copy of a folder of the repository, to break something in it.
pub(crate) fn copied(folder: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for (path, text) in files(&root().join(folder)) {
        let file = copy.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    copy
}

/// A path as an argument.
pub(crate) fn argument(path: &Path) -> &str {
    path.to_str().unwrap()
}
