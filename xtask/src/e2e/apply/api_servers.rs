//! An API server that has too much to do, fails, is cut off, or never answers, while Oarlock writes to it.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::scene::Scene;

/// What happens to one write to the spoke's API server, and how long nothing else does; each stops the spoke, and a further run goes on.
const STOPPING: [&str; 6] = ["failing", "cut", "lost", "half", "stalled", "refusing"];

/// What is only asked again: kube's client does that where it is told to (429 with `Retry-After`).
const DELAYING: (&str, u32) = ("throttled", 3);

/// Something failed.
const FAILED: i32 = 1;

const SPOKE_NAME: &str = "spoke";

pub(super) fn run(scene: &Scene<'_>) -> Result<String> {
    silent(scene).context("a cluster that never answers")?;
    for kind in STOPPING {
        something_to_write(scene)?;
        scene.spoke_front.goes_wrong(&[fault(kind, 1)])?;
        let shown = scene.apply()?;
        let failed = shown.places("failed");
        ensure!(
            failed.iter().all(|place| *place == SPOKE_NAME),
            "{kind} on the spoke, and {failed:?} failed"
        );
        scene.gets_through().with_context(|| kind.to_owned())?;
    }
    something_to_write(scene)?;
    scene.spoke_front.goes_wrong(&[fault(DELAYING.0, DELAYING.1)])?;
    let shown = scene.apply()?;
    ensure!(shown.places("failed").is_empty(), "who is told to come again comes again: {shown:?}");
    scene.gets_through().context("after throttling")?;
    scene.spoke_front.goes_wrong(&[])?;
    super::to_the_end(scene, &mut |_| scene.gets_through().context("after faults of an API server"))?;
    let injected = scene.faults()?;
    for kind in STOPPING.iter().chain([&DELAYING.0]) {
        ensure!(injected.keys().any(|fault| fault.starts_with(kind)), "nothing met `{kind}`: {injected:?}");
    }
    let total: usize = injected.values().sum();
    println!("  faults before API servers, by kind: {injected:?}");
    Ok(format!("{total} faults before an API server injected and survived, 0 lost"))
}

/// It was read, and then answers no write any more: it stops, and the others go on.
fn silent(scene: &Scene<'_>) -> Result<()> {
    scene.spoke_front.goes_wrong(&[fault("stalled", 0)])?;
    let shown = scene.apply()?;
    scene.spoke_front.goes_wrong(&[])?;
    ensure!(shown.status() == Some(FAILED), "it ended with {:?}: {shown:?}", shown.status());
    let (failed, done) = (shown.places("failed"), shown.places("done"));
    ensure!(failed.iter().eq([&SPOKE_NAME]), "{failed:?} failed: {shown:?}");
    ensure!(done.iter().any(|place| *place != SPOKE_NAME), "nobody else went on: {shown:?}");
    scene.gets_through()
}

/// A Role of Oarlock's goes, if it is there already: the next run makes it again.
fn something_to_write(scene: &Scene<'_>) -> Result<()> {
    let selector = "app.kubernetes.io/managed-by=oarlock";
    scene.spoke.admin(&["delete", "roles,clusterroles", "--all-namespaces", "--selector", selector])
}

/// With no number all of them.
fn fault(kind: &str, times: u32) -> Value {
    json!({ "kind": kind, "writes": true, "times": times, "code": "Unauthorized" })
}
