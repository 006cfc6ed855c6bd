//! `oarlock apply` from cluster-admin everywhere to what is needed, against an AWS API server and real API servers: by a straight run,
//! repaired after drift, with calls to AWS that go wrong, and killed after each write.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};

use super::suite::Ground;

mod drift;
mod faults;
mod kills;
mod scene;
mod watch;
mod world;

use scene::{Scene, State};
use watch::Watch;

/// The cases, for `--case`: the second compares with how the first ends.
const STRAIGHT: &str = "straight";
const KILLED: &str = "killed";

/// All is applied.
const FINE: i32 = 0;

/// Something is pending.
const PENDING: i32 = 5;

/// Applies, breaks and repairs; what was shown, in one line.
pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let (end, straight) = straight(ground).context(STRAIGHT)?;
    println!("  {straight}");
    let killed = killed(ground, &end).context(KILLED)?;
    println!("  {killed}");
    Ok(format!("{straight}; {killed}"))
}

/// To the end, then back to it after drift and in spite of faults. How that end looks, too.
fn straight(ground: &Ground<'_>) -> Result<(State, String)> {
    let scene = Scene::set(ground, STRAIGHT)?;
    let unwatched = scene.apply(&["--wait", "2"])?;
    ensure!(
        unwatched.status == PENDING && unwatched.has_left_something(),
        "nobody has seen that Argo CD gets through, and: {unwatched}"
    );
    let both = scene.world.clusters().len();
    ensure!(scene.world.admins()? == both, "the old access went before anybody saw the new one: {unwatched}");
    let watch = Watch::default();
    let applied = watch.during(&scene.world, || scene.apply(&[]))?;
    ensure!(applied.status == FINE, "{applied}");
    ensure!(scene.world.admins()? == 0, "the old access is still there: {applied}");
    nothing_to_do(&scene)?;
    let end = scene.state()?;
    let drifts = drift::repaired(&scene, &watch, &end)?;
    let faults = faults::survived(&scene, &watch, &end)?;
    let line = format!(
        "applied in {} requests to AWS for {} clusters, pending until Argo CD was seen to get through; {drifts} drifts found and \
         repaired; {faults}",
        scene.requests()?,
        both,
    );
    Ok((end, line))
}

fn killed(ground: &Ground<'_>, end: &State) -> Result<String> {
    let scene = Scene::set(ground, KILLED)?;
    let watch = Watch::default();
    let kills = watch.during(&scene.world, || kills::until_done(&scene, &watch))?;
    nothing_to_do(&scene)?;
    same(end, &scene.state()?, "after kills")?;
    Ok(format!(
        "killed {} times in the middle and {} times after a write to AWS, the same end, and access in all of {} looks",
        kills.by_journal,
        kills.by_write,
        watch.looks(),
    ))
}

/// A plan of now has nothing to change.
fn nothing_to_do(scene: &Scene<'_>) -> Result<()> {
    let changes = scene.changes()?;
    ensure!(changes.is_empty(), "the plan isn't empty after it was applied: {changes:?}");
    Ok(())
}

/// Both are the same but for what differs from one making to the next.
fn same(expected: &State, found: &State, when: &str) -> Result<()> {
    let paths: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    for path in paths {
        let (expected, found) = (expected.get(path), found.get(path));
        if expected != found {
            let show = |value: Option<&serde_json::Value>| {
                value.map_or_else(|| "nothing".to_owned(), ToString::to_string)
            };
            bail!("another end {when}, in {path}:\n{}\n{}", show(expected), show(found));
        }
    }
    Ok(())
}
