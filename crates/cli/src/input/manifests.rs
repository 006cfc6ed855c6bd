//! Rendered manifests: files, folders and standard input, read in parallel and dropped at once.

use std::{
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use argocd::Deployment;
use facts::Problem;
use inventory::folder;
use rayon::prelude::*;

use super::unrendered;

/// What was read of one Application's manifests.
#[derive(Debug)]
pub(crate) struct Manifests {
    /// The summary.
    pub(crate) deployment: Deployment,
    /// How many files there were.
    pub(crate) files: usize,
    /// What can't be used.
    pub(crate) problems: Vec<Problem>,
}

/// Reads files, folders (all YAML and JSON files below them) or `-`, into a deployment that starts as `empty`.
///
/// # Errors
/// Where standard input can't be read; what is wrong with files is among the problems.
pub(crate) fn read_manifests(paths: &[PathBuf], empty: &Deployment) -> anyhow::Result<Manifests> {
    let mut all = Manifests { deployment: empty.clone(), files: 0, problems: Vec::new() };
    for path in paths {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
            all.take(summarise(&"-".into(), &bytes, empty));
            continue;
        }
        match folder::files(path) {
            Ok(files) if files.is_empty() => all.problems.push(no_manifests(path)),
            Ok(files) => {
                let (files, unrendered) = unrendered::taken_out(files);
                all.problems.extend(unrendered);
                let parts: Vec<_> = files.par_iter().map(|file| read_file(file, empty)).collect();
                parts.into_iter().for_each(|part| all.take(part));
            }
            Err(problem) => all.problems.push(problem),
        }
    }
    Ok(all)
}

impl Manifests {
    fn take(&mut self, other: Self) {
        self.deployment.merge(other.deployment);
        self.files += other.files;
        self.problems.extend(other.problems);
    }
}

fn read_file(path: &Path, empty: &Deployment) -> Manifests {
    match folder::read(path) {
        Ok(bytes) => summarise(&path.display().to_string().into(), &bytes, empty),
        Err(problem) => Manifests { deployment: empty.clone(), files: 1, problems: vec![problem] },
    }
}

fn summarise(file: &Arc<str>, bytes: &[u8], empty: &Deployment) -> Manifests {
    let mut deployment = empty.clone();
    let mut problems = Vec::new();
    manifest::read(file, bytes, &mut |object| {
        if let Err(problem) = object.and_then(|object| deployment.add(&object)) {
            problems.push(problem);
        }
    });
    Manifests { deployment, files: 1, problems }
}

fn no_manifests(path: &Path) -> Problem {
    let place = facts::Place::file(path.display().to_string());
    Problem::new(place, "there is no `.yaml`, `.yml` or `.json` file in this folder")
        .with_help("render the manifests into it, for example `helm template NAME ./chart --output-dir DIR`")
}
