//! `kill -9`, and once more, until a run is left to its end.

use anyhow::{Result, bail};
use fastrand::Rng;
use serde_json::json;

use super::{scene::Scene, watch::Watch};
use crate::process;

/// How many runs are killed in the middle of what they do, and after a write to AWS, where not everything is asked for.
const SAMPLE: usize = 4;

/// More runs than the plan has lines or writes: who needs them gets nowhere.
const AT_MOST: usize = 120;

/// How a row of killed runs ended.
#[derive(Clone, Copy)]
pub(super) struct Killed {
    /// So many were killed.
    pub(super) runs: usize,
    /// Whether the last one was left to its end, since there was nothing to kill it at.
    pub(super) is_done: bool,
}

/// Kills runs at some line of the journal, whatever they are at: at each, or at a few by chance.
pub(super) fn by_journal(scene: &Scene<'_>, watch: &Watch) -> Result<Killed> {
    let mut chance = Rng::with_seed(scene.ground.options.seed);
    let all = scene.ground.options.all;
    for runs in 0..if all { AT_MOST } else { SAMPLE } {
        let lines = if all { runs + 1 } else { chance.usize(1..12) };
        let before = scene.journal();
        if killed(scene, || Ok(scene.journal() >= before + lines))? == How::Done {
            return Ok(Killed { runs, is_done: true });
        }
        watch.look(&scene.world)?;
    }
    Ok(Killed { runs: if all { AT_MOST } else { SAMPLE }, is_done: false })
}

/// Kills each run after the next write to AWS has succeeded, whose answer nobody gets; a few, or until one comes to its end.
pub(super) fn by_write_to_aws(scene: &Scene<'_>, watch: &Watch) -> Result<Killed> {
    let most = if scene.ground.options.all { AT_MOST } else { SAMPLE };
    // A step that was killed begins again with the writes that it had done, so each run gets one further.
    for write in 0..most {
        scene.break_calls(&[json!({ "writes": true, "skip": write, "times": 1, "kind": "held" })])?;
        let before = scene.met("held")?;
        let how = killed(scene, || Ok(scene.met("held")? > before))?;
        scene.break_calls(&[])?;
        if how == How::Done {
            return Ok(Killed { runs: write, is_done: true });
        }
        watch.look(&scene.world)?;
    }
    Ok(Killed { runs: most, is_done: false })
}

/// The same of writes to the clusters, one after the other, until a run comes to its end.
pub(super) fn by_write_to_clusters(scene: &Scene<'_>, watch: &Watch) -> Result<Killed> {
    for runs in 0..AT_MOST {
        // What was written before is as it should be, and isn't written again.
        scene.break_clusters(&[json!({ "writes": true, "times": 1, "kind": "held" })])?;
        let before = scene.met_by_clusters()?;
        let how = killed(scene, || Ok(scene.met_by_clusters()? > before))?;
        scene.break_clusters(&[])?;
        if how == How::Done {
            return Ok(Killed { runs, is_done: true });
        }
        watch.look(&scene.world)?;
    }
    bail!("{AT_MOST} runs were killed, each after one write, and there is still something to write")
}

#[derive(PartialEq, Eq)]
enum How {
    Killed,
    Done,
}

fn killed(scene: &Scene<'_>, is_time: impl Fn() -> Result<bool>) -> Result<How> {
    match process::kill_when(scene.begin()?, is_time)? {
        None => Ok(How::Killed),
        Some(status) if status.success() => Ok(How::Done),
        Some(status) => bail!("a run after a kill: {status}"),
    }
}
