//! The inventory's folder: written beside the one that is there, and put in its place as a whole.

#![expect(clippy::disallowed_methods, reason = "the one place where an inventory is written")]

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use serde_json::Value;
use tempfile::TempDir;

use super::Error;

/// What an inventory has in its folder (docs/inventory.md).
const OURS: [&str; 4] = ["accounts", "clusters", "gaps.json", "organization"];

/// How much of an ARN a file's name may have: file systems take names of 255 bytes.
const LONGEST_KEY: usize = 160;

/// A new inventory, of which nobody sees anything yet.
pub(super) struct Folder {
    target: PathBuf,
    beside: TempDir,
}

/// A file with a list that is too long to be held.
pub(super) struct List<'f> {
    folder: &'f Folder,
    /// Below the inventory.
    path: String,
    file: BufWriter<File>,
    is_empty: bool,
    unfinished: Unfinished,
}

/// A file that is removed unless it is renamed before.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Once it is finished there is no such file.
        let _ = fs::remove_file(&self.0);
    }
}

impl Folder {
    /// Begins one, if what is there now is an inventory or nothing.
    pub(super) fn new(target: &Path) -> Result<Self, Error> {
        if let Some(foreign) =
            foreign(target).map_err(|source| Error::Write { path: target.to_owned(), source })?
        {
            return Err(Error::Foreign { folder: target.to_owned(), file: foreign });
        }
        let parent =
            target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let failed = |source| Error::Write { path: parent.to_owned(), source };
        fs::create_dir_all(parent).map_err(failed)?;
        let beside =
            tempfile::Builder::new().prefix(".oarlock-collect-").tempdir_in(parent).map_err(failed)?;
        let folder = Self { target: target.to_owned(), beside };
        fs::create_dir(folder.new_one()).map_err(failed)?;
        Ok(folder)
    }

    pub(super) fn write(&self, path: &str, value: &Value) -> Result<(), Error> {
        let path = self.new_one().join(path);
        let write = || {
            let mut file = BufWriter::new(create(&path)?);
            serde_json::to_writer_pretty(&mut file, value)?;
            file.write_all(b"\n")?;
            file.flush()
        };
        write().map_err(|source| Error::Write { path: path.clone(), source })
    }

    /// Begins a list as `kubectl get -o json` prints it.
    pub(super) fn list(&self, path: &str) -> Result<List<'_>, Error> {
        let unfinished = Unfinished(unfinished(&self.new_one().join(path)));
        let begun = create(&unfinished.0).and_then(|file| {
            let mut file = BufWriter::new(file);
            file.write_all(b"{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[")?;
            Ok(file)
        });
        let file = begun.map_err(|source| Error::Write { path: unfinished.0.clone(), source })?;
        Ok(List { folder: self, path: path.to_owned(), file, is_empty: true, unfinished })
    }

    /// Puts the new inventory in the place of the old one, which is gone afterwards.
    pub(super) fn publish(self) -> Result<(), Error> {
        let old = self.beside.path().join("old");
        let swap = || {
            let was_there = match fs::rename(&self.target, &old) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => false,
                other => other.map(|()| true)?,
            };
            fs::rename(self.new_one(), &self.target).inspect_err(|_| {
                if was_there {
                    // Whatever comes of it, the error is that of the new one.
                    let _ = fs::rename(&old, &self.target);
                }
            })
        };
        swap().map_err(|source| Error::Write { path: self.target.clone(), source })
    }

    fn new_one(&self) -> PathBuf {
        self.beside.path().join("new")
    }
}

impl List<'_> {
    pub(super) fn add(&mut self, object: &Value) -> Result<(), Error> {
        let comma: &[u8] = if self.is_empty { b"\n" } else { b",\n" };
        self.is_empty = false;
        let written =
            self.file.write_all(comma).and_then(|()| Ok(serde_json::to_writer(&mut self.file, object)?));
        written.map_err(|source| Error::Write { path: self.unfinished.0.clone(), source })
    }

    /// The same list, empty again.
    pub(super) fn again(self) -> Result<Self, Error> {
        let Self { folder, path, file, unfinished, .. } = self;
        // What it holds still must not be written into the new one, nor that be removed.
        drop(file);
        drop(unfinished);
        folder.list(&path)
    }

    /// Makes it a file of the inventory; without that it never was one.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        let path = self.folder.new_one().join(&self.path);
        let finished = self
            .file
            .write_all(b"\n]}\n")
            .and_then(|()| self.file.flush())
            .and_then(|()| fs::rename(&self.unfinished.0, &path));
        finished.map_err(|source| Error::Write { path, source })
    }
}

/// An ARN or a URL as part of a file's name (docs/inventory.md).
pub(super) fn key(text: &str) -> String {
    let key = text.replace('/', "%2F").replace(':', "%3A");
    if key.len() <= LONGEST_KEY && key.is_ascii() {
        return key;
    }
    let begin: String = key.chars().filter(char::is_ascii).take(LONGEST_KEY / 2).collect();
    format!("{begin}-{}", digest(text))
}

fn digest(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn create(path: &Path) -> io::Result<File> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    File::create(path)
}

/// Hidden, so that nobody who reads the folder takes it for a file of the inventory.
fn unfinished(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.unfinished"))
}

/// What is there that no inventory has.
fn foreign(target: &Path) -> io::Result<Option<String>> {
    let entries = match fs::read_dir(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !OURS.contains(&name.as_str()) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn an_inventory_is_replaced_as_a_whole() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("inventory");
        fs::create_dir_all(target.join("accounts/111122223333")).unwrap();
        let folder = Folder::new(&target).unwrap();
        folder.write("gaps.json", &json!([])).unwrap();
        assert_eq!(written(&target), ["accounts"], "nothing is seen of the new one");
        folder.publish().unwrap();
        assert_eq!(written(&target), ["gaps.json"]);
        assert_eq!(written(parent.path()), ["inventory"], "nothing is left of the old one");
    }

    #[test]
    fn a_run_that_fails_leaves_the_inventory_as_it_was() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("inventory");
        fs::create_dir_all(target.join("clusters")).unwrap();
        drop(Folder::new(&target).unwrap());
        assert_eq!(written(&target), ["clusters"]);
        assert_eq!(written(parent.path()), ["inventory"]);
    }

    #[test]
    fn a_folder_with_other_files_is_not_touched() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("thesis.txt"), "").unwrap();
        let error = Folder::new(parent.path()).map(drop).unwrap_err();
        assert!(error.to_string().contains("holds `thesis.txt`"), "{error}");
    }

    #[test]
    fn a_list_is_there_once_it_is_finished() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("inventory");
        let folder = Folder::new(&target).unwrap();
        let mut list = folder.list("a/roles.json").unwrap();
        list.add(&json!({"metadata": {"name": "lost"}})).unwrap();
        let mut list = list.again().unwrap();
        list.add(&json!({"metadata": {"name": "x"}})).unwrap();
        list.add(&json!({"metadata": {"name": "y"}})).unwrap();
        list.finish().unwrap();
        drop(folder.list("a/secrets.json").unwrap());
        folder.publish().unwrap();
        assert_eq!(written(&target.join("a")), ["roles.json"]);
        let read: Value = serde_json::from_slice(&fs::read(target.join("a/roles.json")).unwrap()).unwrap();
        assert_eq!(read["items"][1]["metadata"]["name"], "y");
        assert_eq!(read["items"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn names_of_files_are_short_and_differ() {
        assert_eq!(key("arn:aws:iam::1:role/a"), "arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa");
        let long = format!("arn:aws:iam::111122223333:role/{}", "x".repeat(512));
        assert!(key(&long).len() < 200);
        assert_ne!(key(&long), key(&format!("{long}y")));
    }
}
