//! All suites, each in a process of its own, two at a time: while one waits for its servers, the other has the processors.

use std::{
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use super::SUITES;
use crate::{Workspace, process};

/// How many suites run at a time. With more, servers miss their time limits on two processors.
const LANES: usize = 2;

/// What came of a suite, and how long it took.
struct Ended {
    name: &'static str,
    took: Duration,
    result: Result<()>,
}

/// Runs all suites; none begins when one has failed. What each took, in one line.
pub(crate) fn run(workspace: &Workspace, all: bool) -> Result<String> {
    let xtask = workspace.xtask()?;
    let waiting = Mutex::new(SUITES.iter().map(|suite| suite.name).collect::<Vec<_>>().into_iter());
    let lane = || {
        let mut ended = Vec::new();
        while let Some(name) = locked(&waiting).next() {
            let start = Instant::now();
            let mut command = Command::new(&xtask);
            command.args(["e2e", name]).args(all.then_some("--all"));
            let result = process::run_named(&mut command, name);
            if result.is_err() {
                locked(&waiting).by_ref().for_each(drop);
            }
            ended.push(Ended { name, took: start.elapsed(), result });
        }
        ended
    };
    let lanes = thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES).map(|_| scope.spawn(lane)).collect();
        lanes.into_iter().map(|lane| lane.join().ok().context("a lane panicked")).collect::<Result<Vec<_>>>()
    })?;
    told(lanes.into_iter().flatten())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long each took, or which failed.
fn told(ended: impl Iterator<Item = Ended>) -> Result<String> {
    let (mut took, mut failed) = (Vec::new(), Vec::new());
    for Ended { name, took: time, result } in ended {
        match result {
            Ok(()) => took.push(format!("{name} {:.0} s", time.as_secs_f64())),
            Err(error) => failed.push(format!("{error:#}")),
        }
    }
    if failed.is_empty() { Ok(took.join(", ")) } else { bail!("{}", failed.join("; ")) }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn one_failure_is_a_failure_of_all() {
        let ended = |name, result| Ended { name, took: Duration::from_secs(3), result };
        let both = told([ended("rbac", Ok(())), ended("aws", Ok(()))].into_iter()).unwrap();
        assert_eq!(both, "rbac 3 s, aws 3 s");
        let error = told([ended("rbac", Ok(())), ended("aws", Err(anyhow!("no port")))].into_iter());
        assert_eq!(error.unwrap_err().to_string(), "no port");
    }
}
