//! Files and folders: the only file that opens any.

#![expect(clippy::disallowed_methods, reason = "this is the one place that touches the file system")]

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use facts::{Place, Problem};

/// The YAML and JSON files at or below a path, sorted; hidden files and folders are left out.
///
/// A path that names a file is that file, whatever its ending.
///
/// # Errors
/// Where the path doesn't exist or a folder can't be listed.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, Problem> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    collect(path, &mut files)?;
    files.sort();
    Ok(files)
}

/// The bytes of a file.
///
/// # Errors
/// Where it can't be read.
pub fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    fs::read(path).map_err(|error| unreadable(path, &error))
}

/// The text of a file again, for showing the line that a problem is about.
pub fn read_text(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Links to folders aren't followed: they may lead back to where they are.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Problem> {
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let (path, kind) = (entry.path(), entry.file_type().map_err(|error| unreadable(folder, &error))?);
        if kind.is_dir() {
            collect(&path, files)?;
        } else if is_manifest(&path) && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|e| ["yaml", "yml", "json"].iter().any(|known| e.eq_ignore_ascii_case(known)))
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    let place = Place::file(path.display().to_string());
    match error.kind() {
        io::ErrorKind::NotFound => Problem::new(place, "no such file or folder"),
        _ => Problem::new(place, format!("can't be read: {error}")),
    }
}
