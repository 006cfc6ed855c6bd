//! Reading what people point at: manifests, Applications, fleet files, inventories.

mod fleet;
mod inventory;
mod manifests;
mod policies;
mod unrendered;

use std::fmt;

use facts::{Problem, count};

pub(crate) use fleet::{Aim, read_fleet};
pub(crate) use inventory::read_whole;
pub(crate) use manifests::read_manifests;
pub(crate) use policies::{place_in, problem_in, read_policy};

/// Input that can't be used. Nothing has been written.
#[derive(Debug)]
pub(crate) struct Refused {
    /// What is wrong, file by file.
    pub(crate) problems: Vec<Problem>,
    /// How many files were fine.
    pub(crate) fine: usize,
}

impl Refused {
    /// One problem is enough.
    pub(crate) fn one(problem: Problem) -> Self {
        Self { problems: vec![problem], fine: 0 }
    }

    /// Why something failed whose problems are these.
    pub(crate) fn error(problems: Vec<Problem>, files: usize) -> anyhow::Error {
        match Self::unless_empty(problems, files) {
            Err(refused) => refused.into(),
            Ok(()) => anyhow::anyhow!("it failed without saying why"),
        }
    }

    /// An error, if there is any problem.
    pub(crate) fn unless_empty(mut problems: Vec<Problem>, files: usize) -> Result<(), Self> {
        if problems.is_empty() {
            return Ok(());
        }
        problems.sort_by(|a, b| (&a.place, &a.message).cmp(&(&b.place, &b.message)));
        problems.dedup();
        let mut bad: Vec<_> = problems.iter().map(|problem| &problem.place.file).collect();
        bad.sort();
        bad.dedup();
        let fine = files.saturating_sub(bad.len());
        Err(Self { problems, fine })
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems = count(self.problems.len(), "problem");
        let files = match self.fine {
            1 => "1 file was fine".to_owned(),
            n => format!("{n} files were fine"),
        };
        write!(f, "error: {problems} in the input; {files}; nothing was written")
    }
}

impl std::error::Error for Refused {}
