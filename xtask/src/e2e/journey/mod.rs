//! `oarlock apply` from cluster-admin everywhere to what is needed, against an AWS API server and real API servers: by a straight run,
//! repaired after drift, with calls to AWS that go wrong, and killed after each write to AWS and to the clusters.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};

use super::suite::Ground;

mod aws_auth;
mod drift;
mod faults;
mod kills;
pub(super) mod scene;
mod watch;
mod world;

use kills::Killed;
use scene::{Scene, State};
use watch::Watch;

/// The cases, for `--case`: the second compares with how the first ends.
const STRAIGHT: &str = "straight";
const KILLED: &str = "killed";
/// A scene of its own.
const AWS_AUTH: &str = "aws-auth";

/// All is applied.
const FINE: i32 = 0;

/// Something has drifted.
const DRIFTED: i32 = 2;

/// A claim is violated.
const VIOLATED: i32 = 4;

/// Something is pending.
const PENDING: i32 = 5;

/// Applies, breaks and repairs; what was shown, in one line.
pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let mut shown = Vec::new();
    if ground.wants(AWS_AUTH) {
        shown.push(aws_auth::run(ground, AWS_AUTH).context(AWS_AUTH)?);
    }
    if ground.wants(STRAIGHT) || ground.wants(KILLED) {
        let (end, straight) = straight(ground).context(STRAIGHT)?;
        println!("  {straight}");
        shown.push(straight);
        if ground.wants(KILLED) {
            shown.push(killed(ground, &end).context(KILLED)?);
        }
    }
    if shown.is_empty() {
        bail!("no case is called `{}`", ground.options.case);
    }
    Ok(shown.join("; "))
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
    let asked = unwatched.asked()? + applied.asked()?;
    let line = format!(
        "{both} clusters applied in {asked}, pending until Argo CD was seen to get through; {drifts} drifts found and repaired; {faults}",
    );
    Ok((end, line))
}

/// A sample in one scene, one row after the other; or each row to its end, in a scene of its own.
fn killed(ground: &Ground<'_>, end: &State) -> Result<String> {
    type Row = (&'static str, fn(&Scene<'_>, &Watch) -> Result<Killed>);
    let rows: [Row; 3] = [
        ("in the middle", kills::by_journal),
        ("after a write to AWS", kills::by_write_to_aws),
        ("after a write to a cluster", kills::by_write_to_clusters),
    ];
    let scenes: Vec<(String, Vec<Row>)> = if ground.options.all {
        rows.into_iter().map(|row| (format!("{KILLED} {}", row.0).replace(' ', "-"), vec![row])).collect()
    } else {
        vec![(KILLED.to_owned(), rows.into())]
    };
    let (mut counts, mut looks) = (Vec::new(), 0);
    for (name, rows) in scenes {
        let (scene, watch) = (Scene::set(ground, &name)?, Watch::default());
        watch.during(&scene.world, || {
            for (when, kill) in rows {
                let killed = kill(&scene, &watch)?;
                counts.push(format!("{} times {when}", killed.runs));
                if ground.options.all {
                    ensure!(killed.is_done, "runs were killed {when}, and none came to the end");
                }
            }
            Ok(())
        })?;
        nothing_to_do(&scene)?;
        same(end, &scene.state()?, "after kills")?;
        looks += watch.looks();
    }
    Ok(format!("killed {}, the same end, and access in all of {looks} looks", counts.join(" and ")))
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
