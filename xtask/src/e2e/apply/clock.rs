//! A clock that is wrong by more than AWS takes: its own answer tells Oarlock the time, and the run comes to the same end.

use std::{fs, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::scene::{SPOKE, Scene, with};
use crate::{
    e2e::{
        clock, faults,
        suite::Ground,
        tokens::{aws::Credentials, cluster::Arn},
    },
    process,
};

/// Twice what AWS takes.
const MINUTES: i64 = 10;

/// Longer than a token lasts.
const LONG: i64 = 20;

/// What is left of a difference when it is known: answers tell whole seconds, and take some.
const CLOSE: u64 = 60;

/// A run with a clock that is ahead, and one with a clock that is behind.
pub(super) fn run(ground: &Ground<'_>, name: &str) -> Result<String> {
    let mut refused = 0;
    for (direction, sign) in [("ahead", 1), ("behind", -1)] {
        let Some(variables) = clock::shifted(ground, sign * MINUTES * 60)? else {
            return Ok("no clock is shifted where programs don't ask glibc for the time".to_owned());
        };
        refused += with(ground, &format!("{name}-{direction}"), |scene| {
            tokens_are_refused(ground, scene, sign)?;
            scene.has_in_its_environment(variables);
            shifted(scene)
        })?;
    }
    Ok(format!(
        "{MINUTES} minutes ahead and behind: {refused} requests refused for their time, then the same end by AWS's"
    ))
}

fn shifted(scene: &Scene<'_>) -> Result<usize> {
    super::to_the_end(scene, &mut |_| scene.gets_through().context("after a run by another clock"))?;
    let text = fs::read_to_string(&scene.aws.environment.server.recording)?;
    let refused = text
        .lines()
        .filter(|line| line.contains("Signature expired") || line.contains("Signature not yet current"))
        .count();
    ensure!(refused > 0, "nothing was refused for its time: the clock was right");
    for entry in faults::calls(&scene.journal_file())? {
        let time = entry.get("time").and_then(Value::as_str).context("a line of the journal without time")?;
        let off = seconds(time)?.abs_diff(seconds("now")?);
        // A run takes minutes; what is off is off by ten.
        ensure!(
            off < MINUTES.unsigned_abs() * 60 - CLOSE,
            "the journal goes by the wrong clock: {time} is off by {off} s"
        );
    }
    Ok(refused)
}

/// The cluster's own authenticator and STS take no token that is signed by such a clock: else none of this would show anything.
fn tokens_are_refused(ground: &Ground<'_>, scene: &Scene<'_>, sign: i64) -> Result<()> {
    let Some(variables) = clock::shifted(ground, sign * LONG * 60)? else { return Ok(()) };
    let why = if sign > 0 { "Signature not yet current" } else { "X-Amz-Date parameter is expired" };
    scene.spoke.refuses(&token(scene, &variables)?, why)
}

/// The AWS CLI's, by a clock.
fn token(scene: &Scene<'_>, variables: &[(&'static str, String)]) -> Result<String> {
    let spoke = Arn::parse(SPOKE)?;
    let mut command = scene.aws.environment.command("aws", &spoke.region);
    command.env_remove("AWS_ENDPOINT_URL");
    command.envs(Credentials::of_root(&spoke.account).variables()).envs(variables.iter().cloned());
    command.args(["eks", "get-token", "--cluster-name", &spoke.name, "--output", "json"]);
    let printed: Value = serde_json::from_slice(&process::output(&mut command)?)?;
    let token = printed.pointer("/status/token").and_then(Value::as_str);
    Ok(token.context("`aws eks get-token` printed no token")?.to_owned())
}

/// Of a time, since 1970.
fn seconds(time: &str) -> Result<u64> {
    let printed = process::output(Command::new("date").args(["-u", "-d", time, "+%s"]))?;
    String::from_utf8(printed)?.trim().parse().with_context(|| format!("`{time}` is no time"))
}
