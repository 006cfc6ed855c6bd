//! Files and folders: the only file that opens any.

#![expect(clippy::disallowed_methods, reason = "this is the one place that touches the file system")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use facts::{Place, Problem};
use rayon::prelude::*;

use crate::File;

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
    collect(path, &MANIFESTS, &mut files)?;
    files.sort();
    Ok(files)
}

/// The files at or below a path that may hold policies, manifests or the commands that make them, sorted; as [`files()`] otherwise.
///
/// # Errors
/// As [`files()`].
pub fn sources(path: &Path) -> Result<Vec<PathBuf>, Problem> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    collect(path, &SOURCES, &mut files)?;
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

/// The files of an inventory, sorted by path.
///
/// # Errors
/// Where the folder or a file can't be read.
pub fn inventory(root: &Path) -> Result<Vec<File>, Problem> {
    let relative = |path: &Path| {
        let below = path.strip_prefix(root).unwrap_or(path);
        below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    };
    let file = |path: PathBuf| {
        Ok(File { path: relative(&path), name: path.display().to_string().into(), bytes: read(&path)? })
    };
    // Of several that can't be read the first is told.
    let read: Vec<Result<File, Problem>> = files(root)?.into_par_iter().map(file).collect();
    read.into_iter().collect()
}

/// The list of the files that Oarlock wrote into an output folder, one path a line.
const OWNED: &str = ".oarlock";

/// Writes files into an output folder, by paths with slashes; files of an earlier run that are no more are removed.
///
/// Nothing is touched in a folder that holds files which Oarlock didn't write. Each file is complete or not there.
///
/// # Errors
/// Where the folder holds other people's files, or can't be written.
pub fn write(folder: &Path, output: &BTreeMap<String, String>) -> Result<(), Problem> {
    let owned = owned(folder)?;
    if let Some(foreign) = foreign(folder, folder, &owned)? {
        return Err(Problem::new(
            Place::file(folder.display().to_string()),
            format!("the output folder holds `{foreign}`, which Oarlock didn't write"),
        )
        .with_help("name a new or empty folder"));
    }
    // Said before it is done, so that a run that is cut short leaves nothing that the next one wouldn't know.
    let all: BTreeSet<&str> =
        owned.iter().map(String::as_str).chain(output.keys().map(String::as_str)).collect();
    replace(&folder.join(OWNED), &lines(&all))?;
    for (path, text) in output {
        replace(&folder.join(path), text)?;
    }
    for gone in owned.iter().filter(|path| !output.contains_key(*path)) {
        match fs::remove_file(folder.join(gone)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(unreadable(&folder.join(gone), &error));
            }
            _ => {}
        }
    }
    replace(&folder.join(OWNED), &lines(&output.keys().map(String::as_str).collect()))
}

/// Writes one file with what `contents` writes: complete, or not at all.
///
/// # Errors
/// Where it can't be written.
pub fn save(path: &Path, contents: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Problem> {
    let put = || {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(UNFINISHED);
        let mut file = BufWriter::new(fs::File::create(&unfinished)?);
        contents(&mut file)?;
        file.flush()?;
        fs::rename(&unfinished, path)
    };
    put().map_err(|error| {
        Problem::new(Place::file(path.display().to_string()), format!("can't be written: {error}"))
    })
}

/// Lets people start a file as a program, where the system has a mark for that.
///
/// # Errors
/// Where the file can't be changed.
pub fn make_executable(path: &Path) -> Result<(), Problem> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(path, mode).map_err(|error| unreadable(path, &error))?;
    }
    Ok(())
}

fn lines(paths: &BTreeSet<&str>) -> String {
    paths.iter().map(|path| format!("{path}\n")).collect()
}

fn owned(folder: &Path) -> Result<BTreeSet<String>, Problem> {
    let marker = folder.join(OWNED);
    match fs::read_to_string(&marker) {
        // A list that somebody edited mustn't lead us out of the folder.
        Ok(text) => Ok(text.lines().filter(|path| is_inside(path)).map(str::to_owned).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(unreadable(&marker, &error)),
    }
}

fn is_inside(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// The first file below a folder that isn't ours.
fn foreign(root: &Path, folder: &Path, owned: &BTreeSet<String>) -> Result<Option<String>, Problem> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries.map_err(|error| unreadable(folder, &error))?,
    };
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        let path = entry.path();
        let below = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if entry.file_type().map_err(|error| unreadable(&path, &error))?.is_dir() {
            if let Some(foreign) = foreign(root, &path, owned)? {
                return Ok(Some(foreign));
            }
        } else if below != OWNED && !below.ends_with(UNFINISHED) && !owned.contains(&below) {
            return Ok(Some(below));
        }
    }
    Ok(None)
}

const UNFINISHED: &str = ".oarlock-unfinished";

/// Puts a complete file in the place of what was there.
fn replace(path: &Path, text: &str) -> Result<(), Problem> {
    save(path, |file| file.write_all(text.as_bytes()))
}

/// Links to folders aren't followed: they may lead back to where they are.
fn collect(folder: &Path, endings: &[&str], files: &mut Vec<PathBuf>) -> Result<(), Problem> {
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let (path, kind) = (entry.path(), entry.file_type().map_err(|error| unreadable(folder, &error))?);
        if kind.is_dir() {
            collect(&path, endings, files)?;
        } else if ends_in(&path, endings) && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

const MANIFESTS: [&str; 3] = ["yaml", "yml", "json"];

const SOURCES: [&str; 10] = ["yaml", "yml", "json", "template", "md", "markdown", "sh", "bash", "txt", "tf"];

fn ends_in(path: &Path, endings: &[&str]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|e| endings.iter().any(|known| e.eq_ignore_ascii_case(known)))
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    let place = Place::file(path.display().to_string());
    match error.kind() {
        io::ErrorKind::NotFound => Problem::new(place, "no such file or folder"),
        _ => Problem::new(place, format!("can't be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn writes_again_over_its_own_files_and_removes_those_that_are_no_more() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &output(&[("a/x.yaml", "1"), ("b.yaml", "2")])).unwrap();
        write(folder.path(), &output(&[("b.yaml", "3")])).unwrap();
        assert!(!folder.path().join("a/x.yaml").exists());
        assert_eq!(read_text(&folder.path().join("b.yaml").display().to_string()).unwrap(), "3");
    }

    #[test]
    fn touches_nothing_in_a_folder_with_other_peoples_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("theirs.yaml"), "x").unwrap();
        let problem = write(folder.path(), &output(&[("b.yaml", "3")])).unwrap_err();
        assert!(problem.message.contains("holds `theirs.yaml`"), "{problem}");
        assert!(!folder.path().join("b.yaml").exists());
    }
}
