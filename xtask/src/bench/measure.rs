//! What a child process costs.

use std::{
    process::{Command, Stdio},
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
    let mut least: Option<Usage> = None;
    for _ in 0..runs.max(1) {
        let usage = once(command, fine)?;
        least = Some(least.filter(|least| least.cpu <= usage.cpu).unwrap_or(usage));
    }
    least.context("no run")
}

fn once(command: &mut Command, fine: &[i32]) -> Result<Usage> {
    eprintln!("measuring {}", shown(command));
    let start = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    let mut child = child.with_context(|| format!("cannot start {}", shown(command)))?;
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
