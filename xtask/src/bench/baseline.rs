//! What `oarlock plan` is measured against: reading the same bytes into untyped values, and nothing else.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use rayon::prelude::*;
use serde_json::Value;

/// Which folder.
#[derive(Args)]
pub(crate) struct Options {
    /// All YAML files in and below it are read
    folder: PathBuf,
}

/// Documents of one file, each dropped as soon as it is read.
#[derive(Default)]
struct Dropped(u64);

impl Extend<Value> for Dropped {
    fn extend<I: IntoIterator<Item = Value>>(&mut self, documents: I) {
        for document in documents {
            drop(std::hint::black_box(document));
            self.0 += 1;
        }
    }
}

/// Reads every YAML file on all cores and prints how many documents there were.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut files = Vec::new();
    yaml_files(&options.folder, &mut files)?;
    let documents = files.par_iter().map(|file| documents(file)).try_reduce(|| 0, |a, b| Ok(a + b))?;
    println!("{documents} documents in {} files", files.len());
    Ok(())
}

fn yaml_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            yaml_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}

fn documents(file: &Path) -> Result<u64> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    // The limits are for hostile input, the snippet for messages: without both it is as fast as it can be.
    let options = serde_saphyr::options! { budget: None, with_snippet: false };
    let read = serde_saphyr::from_str_multiple_with_options::<Value, Dropped>(&text, options);
    Ok(read.with_context(|| format!("cannot parse {}", file.display()))?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_documents_of_all_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("deep")).unwrap();
        fs::write(folder.path().join("a.yaml"), "a: 1\n---\nb: 2\n").unwrap();
        fs::write(folder.path().join("deep/b.yaml"), "[c]").unwrap();
        fs::write(folder.path().join("no.txt"), "{").unwrap();
        let mut files = Vec::new();
        yaml_files(folder.path(), &mut files).unwrap();
        let counts: Vec<_> = files.iter().map(|file| documents(file).unwrap()).collect();
        assert_eq!((files.len(), counts.iter().sum::<u64>()), (2, 3));
    }
}
