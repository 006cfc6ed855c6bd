//! `kill -9`, and once more, until a run is left to its end.

use anyhow::{Result, bail};
use fastrand::Rng;
use serde_json::json;

use super::{scene::Scene, watch::Watch};
use crate::process;

/// How many runs are killed in the middle of what they do, where not everything is asked for.
const SAMPLE: usize = 4;

/// More runs than the plan has writes: who needs them gets nowhere.
const AT_MOST: usize = 60;

pub(super) struct Kills {
    pub(super) by_journal: usize,
    pub(super) by_write: usize,
}

/// Kills runs at some line of the journal, whatever they are at, then each that is left after the next write to AWS has succeeded,
/// whose answer nobody gets.
pub(super) fn until_done(scene: &Scene<'_>, watch: &Watch) -> Result<Kills> {
    let mut kills = Kills { by_journal: 0, by_write: 0 };
    let mut chance = Rng::with_seed(scene.ground.options.seed);
    let all = scene.ground.options.all;
    for number in 0..if all { AT_MOST } else { SAMPLE } {
        let lines = if all { number + 1 } else { chance.usize(1..12) };
        let before = scene.journal();
        if killed(scene, || Ok(scene.journal() >= before + lines))? == How::Done {
            return Ok(kills);
        }
        kills.by_journal += 1;
        watch.look(&scene.world)?;
    }
    // A step that was killed begins again with the writes that it had done, so each run gets one further.
    for write in 0..AT_MOST {
        scene.break_calls(&[json!({ "writes": true, "skip": write, "times": 1, "kind": "held" })])?;
        let before = scene.met("held")?;
        let how = killed(scene, || Ok(scene.met("held")? > before))?;
        scene.break_calls(&[])?;
        if how == How::Done {
            return Ok(kills);
        }
        kills.by_write += 1;
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
