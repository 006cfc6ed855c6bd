//! Policy documents that people point at.

use std::path::Path;

use facts::{Place, Problem};
use iam::PolicyProblem;
use inventory::folder;

/// The text of a document.
pub(crate) fn read_policy(path: &Path) -> Result<String, Problem> {
    String::from_utf8(folder::read(path)?)
        .map_err(|_| Problem::new(Place::file(path.display().to_string()), "not UTF-8, which JSON has to be"))
}

/// What is wrong with a document, at its place in the file.
pub(crate) fn problem_in(path: &Path, text: &str, problem: &PolicyProblem) -> Problem {
    Problem::new(place_in(path, text, &problem.path), problem.to_string())
}

/// Where an element stands in the file.
pub(crate) fn place_in(path: &Path, text: &str, element: &iam::Path) -> Place {
    let (line, column) = element.locate(text).unwrap_or_default();
    Place::new(path.display().to_string().into(), line, column)
}
