//! Work side by side: while one waits for its servers, the other has the processors.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// How much runs at a time. With more, servers miss their time limits on two processors.
const LANES: usize = 2;

/// What came of one, and how long it took.
struct Ended<'n> {
    name: &'n str,
    took: Duration,
    result: Result<()>,
}

/// Does the work for each name, in their order; none begins when one has failed. What each took, in one line.
pub(crate) fn run(names: &[&str], work: impl Fn(&str) -> Result<()> + Sync) -> Result<String> {
    let waiting = Mutex::new(names.iter());
    let lane = || {
        let mut ended = Vec::new();
        loop {
            let Some(name) = locked(&waiting).next() else { return ended };
            let start = Instant::now();
            let result = work(name);
            if result.is_err() {
                *locked(&waiting) = [].iter();
            }
            ended.push(Ended { name, took: start.elapsed(), result });
        }
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

fn told<'n>(ended: impl Iterator<Item = Ended<'n>>) -> Result<String> {
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
    use super::*;

    #[test]
    fn all_is_done_and_told() {
        let done = Mutex::new(Vec::new());
        let names = ["a", "b", "c", "d", "e"];
        let told = run(&names, |name| {
            locked(&done).push(name.to_owned());
            Ok(())
        });
        assert_eq!(told.unwrap().split(", ").count(), names.len());
        let mut done = done.into_inner().unwrap();
        done.sort();
        assert_eq!(done, names);
    }

    #[test]
    fn after_a_failure_nothing_begins() {
        let begun = Mutex::new(0);
        let names: Vec<_> = std::iter::repeat_n("x", 100).collect();
        let error = run(&names, |name| {
            *locked(&begun) += 1;
            bail!("{name} has no port")
        });
        assert!(error.unwrap_err().to_string().starts_with("x has no port"));
        let begun = begun.into_inner().unwrap();
        assert!(begun <= LANES, "{begun}");
    }
}
