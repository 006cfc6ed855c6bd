//! `oarlock apply` against an AWS API server and real API servers: from administrator everywhere to what is needed and no more, ended by
//! force at any point, and through a network that fails.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use fastrand::Rng;

use super::suite::Ground;

mod api_servers;
mod clock;
mod faults;
mod player;
mod scene;
mod teardown;
mod way;

use scene::{Scene, Shown};

/// Interrupted runs, unless everything is asked for.
const INTERRUPTED: usize = 2;

/// So many runs it takes at most until there is nothing left to do: what bridges the change of an identity goes in the second, and what goes
/// wrong may end some.
const RUNS: usize = 6;

const JOURNEY: &str = "journey";
const INTERRUPTIONS: &str = "interrupted";
const FAULTS: &str = "faults";
const STOPPED: &str = "stopped";
const API_SERVERS: &str = "api-servers";
const CLOCK: &str = "clock";

/// The journey; the same, killed wherever the journal has grown; the same, with all that can go wrong on the way, and stopped where nothing
/// that is there tells any more what has to go.
pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let mut shown = Vec::new();
    let wants_lines = ground.wants(JOURNEY) || ground.wants(INTERRUPTIONS);
    if wants_lines {
        let Journey { journal, writes, gone, permitted } = scene::with(ground, JOURNEY, journey)?;
        shown.push(format!(
            "in {writes} writes to AWS from administrator to what is needed, with {permitted} actions and the RBAC that are printed; Argo CD synced by it, and {gone} removals left nothing"
        ));
        if ground.wants(INTERRUPTIONS) {
            shown.push(interrupted(ground, journal)?);
        }
    }
    if ground.wants(FAULTS) {
        shown.push(scene::with(ground, FAULTS, faults::run)?);
    }
    if ground.wants(STOPPED) {
        shown.push(scene::with(ground, STOPPED, faults::stopped)?);
    }
    if ground.wants(API_SERVERS) {
        shown.push(scene::with(ground, API_SERVERS, api_servers::run)?);
    }
    if ground.wants(CLOCK) {
        shown.push(clock::run(ground, CLOCK)?);
    }
    if shown.is_empty() {
        bail!("no case is called `{}`", ground.options.case);
    }
    for emulated in [player::EMULATED, way::EMULATED] {
        println!("emulated, not proven: {emulated}");
    }
    Ok(shown.join("; "))
}

/// What came of the journey.
struct Journey {
    /// Lines of the journal when all was applied.
    journal: usize,
    /// Writes to AWS until then.
    writes: usize,
    /// Objects that were removed at the end.
    gone: usize,
    /// The actions that are printed.
    permitted: usize,
}

/// From the beginning to the end without a disturbance, by roles that have nothing but what is printed; then Argo CD syncs, and at last
/// everything is removed.
fn journey(scene: &Scene<'_>) -> Result<Journey> {
    scene.gets_through().context("before anything is done")?;
    let before = scene.writes()?;
    to_the_end(scene, &mut |_| Ok(()))?;
    let writes = scene.writes()? - before;
    let journal = scene.journal()?;
    scene.syncs().context("Argo CD's own sync, when all is applied")?;
    let gone = teardown::run(scene).context("when everything is removed")?;
    Ok(Journey { journal, writes, gone, permitted: scene.is_permitted()? })
}

/// Applies until nothing is left to do, and looks at what came of it.
fn to_the_end(scene: &Scene<'_>, between: &mut impl FnMut(&Shown) -> Result<()>) -> Result<usize> {
    for run in 1..=RUNS {
        let shown = scene.apply()?;
        between(&shown)?;
        if shown.is_idle() {
            scene.is_as_planned()?;
            return Ok(run);
        }
    }
    bail!("after {RUNS} runs there is still something to do")
}

/// Kills a run when the journal has grown to a number of lines, and begins again.
fn interrupted(ground: &Ground<'_>, lines: usize) -> Result<String> {
    let all: Vec<usize> = (1..lines).collect();
    let chosen: BTreeSet<usize> = if ground.options.all {
        all.into_iter().collect()
    } else {
        Rng::with_seed(ground.options.seed).choose_multiple(all, INTERRUPTED).into_iter().collect()
    };
    ensure!(!chosen.is_empty(), "there is nothing to interrupt: the journal has {lines} lines");
    let mut killed = 0;
    for at in &chosen {
        let name = format!("{INTERRUPTIONS}-{at}");
        killed += scene::with(ground, &name, |scene| kill_at(scene, *at)).with_context(|| name.clone())?;
    }
    Ok(format!("killed in {killed} of {} runs, none lost", chosen.len()))
}

/// Whether there was a run left to kill.
fn kill_at(scene: &Scene<'_>, line: usize) -> Result<usize> {
    let killed = scene.apply_until(line)?;
    scene.gets_through().context("after the run was killed")?;
    to_the_end(scene, &mut |_| scene.gets_through().context("after a further run"))?;
    Ok(usize::from(killed))
}
