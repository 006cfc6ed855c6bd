//! What a child process costs.

use std::{
    io::Read,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use wait4::Wait4;

use crate::process::shown;

/// What one run of a process cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// From start to end.
    pub(crate) wall: Duration,
    /// Of all its threads, in user and kernel mode.
    pub(crate) cpu: Duration,
    /// The most memory that was resident at once, in bytes.
    pub(crate) peak: u64,
}

impl Usage {
    /// The most memory, in MiB.
    pub(crate) fn mebibytes(self) -> f64 {
        self.peak as f64 / f64::from(1 << 20)
    }

    /// How many cores were busy on average.
    pub(crate) fn cores(self) -> f64 {
        self.cpu.as_secs_f64() / self.wall.as_secs_f64()
    }
}

/// Runs a command some times, and returns what the cheapest run cost.
///
/// # Errors
/// Where it can't be started, or its exit status is none of `fine`.
pub(crate) fn least(command: &mut Command, runs: u32, fine: &[i32]) -> Result<Usage> {
    Ok(cheapest(runs, || Ok((once(command, fine)?, ())))?.0)
}

/// The same of a command that prints little, with what the cheapest run printed.
///
/// # Errors
/// Where it can't be started, or its exit status is none of `fine`.
pub(crate) fn least_output(command: &mut Command, runs: u32, fine: &[i32]) -> Result<(Usage, Vec<u8>)> {
    cheapest(runs, || output(command, fine))
}

fn cheapest<T>(runs: u32, mut once: impl FnMut() -> Result<(Usage, T)>) -> Result<(Usage, T)> {
    let mut least = once()?;
    for _ in 1..runs {
        let run = once()?;
        least = if run.0.cpu < least.0.cpu { run } else { least };
    }
    Ok(least)
}

/// Runs a command that prints little, and returns that with what the run cost.
///
/// # Errors
/// Where it can't be started, or its exit status is none of `fine`.
pub(crate) fn output(command: &mut Command, fine: &[i32]) -> Result<(Usage, Vec<u8>)> {
    let (start, mut child) = start(command, Stdio::piped())?;
    let mut output = Vec::new();
    child.stdout.take().context("the child has no stdout")?.read_to_end(&mut output)?;
    Ok((end(start, child, command, fine)?, output))
}

fn once(command: &mut Command, fine: &[i32]) -> Result<Usage> {
    let (start, child) = start(command, Stdio::null())?;
    end(start, child, command, fine)
}

fn start(command: &mut Command, stdout: Stdio) -> Result<(Instant, Child)> {
    eprintln!("measuring {}", shown(command));
    let start = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(stdout).spawn();
    Ok((start, child.with_context(|| format!("cannot start {}", shown(command)))?))
}

fn end(start: Instant, mut child: Child, command: &Command, fine: &[i32]) -> Result<Usage> {
    let result = child.wait4()?;
    let wall = start.elapsed();
    if !result.status.code().is_some_and(|code| fine.contains(&code)) {
        bail!("{} failed: {}", shown(command), result.status);
    }
    let usage = result.rusage;
    Ok(Usage { wall, cpu: usage.utime + usage.stime, peak: usage.maxrss })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_that_is_not_fine_is_an_error() {
        let mut cargo = crate::Workspace::here().cargo(&["no-such-command"]);
        assert!(least(cargo.stderr(Stdio::null()), 1, &[0]).is_err());
    }

    #[test]
    fn a_process_has_a_peak_and_takes_time() {
        let usage = least(&mut crate::Workspace::here().cargo(&["--version"]), 1, &[0]).unwrap();
        assert!(usage.peak > 1 << 20, "{usage:?}");
        assert!(usage.wall > Duration::ZERO && usage.cpu > Duration::ZERO, "{usage:?}");
    }
}
