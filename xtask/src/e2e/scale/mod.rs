//! `oarlock collect` and `oarlock apply` on a fleet of 30 clusters, and of 300 where everything is asked for, with limits before AWS and
//! before the API servers: how often they ask, how long it takes, and how much memory.
//!
//! What is real: the AWS API server holds each cluster, its access entries and its account's IAM. What isn't: 300 API servers don't fit onto
//! one machine, so two stand for all spokes, and one is the hub's. All spokes want the very same objects, so those that share an API server
//! don't contradict each other, and the second finds there what the first has written: what is written is shown for two, how often is asked
//! for all, since each is asked under a path of its own, counted and limited there. The limits are chosen: how large AWS's are isn't known here.
//! Argo CD has looked at all Applications already.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

mod asked;
mod fleet;
mod scene;

use super::suite::Ground;
use crate::bench::measure::{self, Usage};
use asked::Recordings;
use fleet::Size;
use scene::Scene;

/// All is done; and a collection with gaps.
const FINE: i32 = 0;
const GAPS: i32 = 5;

/// What the AWS API server doesn't know: an organisation, and secrets by the example's ARNs.
const UNKNOWN: [&str; 2] = ["organisation", "the KMS key of"];

/// What is collected of a spoke from EKS: its description, the list of its access entries, each of the two with its policies, and the list of
/// its associations. EKS has no call for several clusters or entries.
const COLLECTED_FROM_EKS: usize = 3 + 2 * 2;

/// From its API server: discovery, which is two documents, and a page of each of eight kinds (crates/live/src/kubernetes/resource.rs).
const COLLECTED_FROM_API_SERVER: usize = 2 + 8;

/// What changing a spoke takes from EKS: its access entry is updated, marked, looked at before and after what goes, and the old policy taken off it.
const APPLIED_TO_EKS: usize = 5;
/// Its four objects, and a review for each of what its Application needs: there is no review of several things for somebody else
/// (Kubernetes API, `authorization.k8s.io`).
const APPLIED_TO_API_SERVER: usize = 4 + 54;

/// What a further cluster may take in memory when it is collected, and each one when it is planned and applied.
const COLLECTED_MEBIBYTES: f64 = 0.25;
const APPLIED_MEBIBYTES: f64 = 3.0;

/// So many of all requests may be throttled.
const THROTTLED_PERCENT: usize = 5;

/// How often may be asked. All of it is chosen: low enough for some requests to be too many.
fn limits() -> Vec<Value> {
    vec![
        json!({ "service": "sts", "shared": true, "perSecond": 600, "burst": 600 }),
        json!({ "service": "eks", "reads": true, "perSecond": 10, "burst": 10 }),
        json!({ "service": "eks", "writes": true, "perSecond": 5, "burst": 5 }),
        json!({ "service": "iam", "reads": true, "perSecond": 10, "burst": 10 }),
        json!({ "service": "iam", "writes": true, "perSecond": 5, "burst": 5 }),
        json!({ "service": "kubernetes", "shared": true, "perSecond": 25, "burst": 50 }),
    ]
}

/// What a run took.
struct Phase {
    asked: Recordings,
    usage: Usage,
    printed: Value,
}

pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let size = if ground.options.all {
        Size { spokes: 299, accounts: 10 }
    } else {
        Size { spokes: 29, accounts: 2 }
    };
    let third = Size { spokes: size.spokes / 3, ..size };
    let scene = Scene::set(ground, size)?;
    let example = ground.examples().join("capability");
    let fleet = fleet::file(&example, size, &ground.folder.join("fleet"))?;
    let part = fleet::file(&example, third, &ground.folder.join("part"))?;
    let few = collect(&scene, &part, third).context("collect, a third of them")?;
    let all = collect(&scene, &fleet, size).context("collect")?;
    grows_with_the_fleet(&few, third, &all, size)?;
    let applied = apply(&scene, &fleet).context("apply")?;
    shows("apply", &applied);
    let again = apply(&scene, &fleet).context("apply, again")?;
    shows("apply, again", &again);
    ensure!(items(&again.printed)?.is_empty(), "something is left to apply: {}", again.printed);
    ensure!(!items(&applied.printed)?.is_empty(), "nothing was applied: {}", applied.printed);
    is_as_little_as_it_takes(&applied, &again)?;
    let each = (applied.usage.mebibytes() - all.usage.mebibytes()) / size.clusters() as f64;
    ensure!(each <= APPLIED_MEBIBYTES, "a cluster takes {each:.2} MiB to apply");
    let phases = [&few, &all, &applied, &again];
    ensure!(
        phases.iter().any(|phase| phase.asked.too_many() > 0),
        "nothing was throttled: the limits show nothing"
    );
    for phase in phases {
        let (limited, asked) = (phase.asked.too_many(), phase.asked.all());
        ensure!(limited * 100 <= asked * THROTTLED_PERCENT, "{limited} of {asked} requests were throttled");
    }
    println!("emulated, not proven: how large the limits are; two API servers that stand for all spokes");
    Ok(format!("{} clusters: {}", size.clusters(), told(&all, &applied, &again)))
}

fn collect(scene: &Scene, fleet: &Path, size: Size) -> Result<Phase> {
    let mut command = scene.command("collect", fleet)?;
    command.arg("-i").arg(fleet.with_file_name("inventory")).args(["-o", "json"]);
    let phase = measured(scene, &mut command, &[FINE, GAPS])?;
    let read = phase.printed.get("clusters").and_then(Value::as_array).map_or(0, Vec::len);
    ensure!(read == size.clusters(), "{read} clusters were read of {}", size.clusters());
    let gaps = phase.printed.get("gaps").and_then(Value::as_array).context("a collection without gaps")?;
    let beyond: Vec<_> =
        gaps.iter().filter(|gap| !UNKNOWN.iter().any(|what| gap.to_string().contains(what))).collect();
    ensure!(beyond.is_empty(), "something wasn't read: {beyond:?}");
    shows(&format!("collect, {} clusters", size.clusters()), &phase);
    Ok(phase)
}

fn apply(scene: &Scene, fleet: &Path) -> Result<Phase> {
    let mut command = scene.command("apply", fleet)?;
    command
        .args(["--adopt", "-y", "-o", "json", "--wait", "120", "--state"])
        .arg(fleet.with_file_name("state"));
    measured(scene, &mut command, &[FINE])
}

fn measured(scene: &Scene, command: &mut Command, fine: &[i32]) -> Result<Phase> {
    let before = scene.recordings()?;
    let (usage, printed) = measure::output(command.stderr(scene.log()?), fine)?;
    let printed = serde_json::from_slice(&printed).context("it printed no JSON")?;
    Ok(Phase { asked: scene.recordings()?.since(&before), usage, printed })
}

fn items(applied: &Value) -> Result<&Vec<Value>> {
    applied.get("items").and_then(Value::as_array).context("a run without items")
}

fn shows(what: &str, Phase { asked, usage, .. }: &Phase) {
    println!("  {what}: {:.1} s, {:.0} MiB, {asked}", usage.wall.as_secs_f64(), usage.mebibytes());
}

/// Requests for each cluster are as many in a small fleet as in a large one, none of them more than there is to ask, and memory doesn't grow by
/// more than a cluster's answers.
fn grows_with_the_fleet(few: &Phase, third: Size, all: &Phase, size: Size) -> Result<()> {
    let each = |phase: &Phase, size: Size| phase.asked.served() as f64 / size.clusters() as f64;
    let (small, large) = (each(few, third), each(all, size));
    ensure!(
        large <= small * 1.05,
        "{small:.1} requests for each of few clusters, and {large:.1} for each of many"
    );
    for phase in [few, all] {
        let (eks, api_server) = phase.asked.of_a_spoke();
        ensure!(
            eks <= COLLECTED_FROM_EKS && api_server <= COLLECTED_FROM_API_SERVER,
            "{eks} requests to EKS and {api_server} to its API server about one spoke"
        );
    }
    let more = all.usage.mebibytes() - few.usage.mebibytes();
    let each = more / (size.clusters() - third.clusters()) as f64;
    ensure!(each <= COLLECTED_MEBIBYTES, "a further cluster takes {each:.2} MiB to collect");
    Ok(())
}

/// What a run asks beyond what it read.
fn is_as_little_as_it_takes(applied: &Phase, again: &Phase) -> Result<()> {
    let (first, second) = (applied.asked.of_a_spoke(), again.asked.of_a_spoke());
    ensure!(
        second.0 <= COLLECTED_FROM_EKS && second.1 <= COLLECTED_FROM_API_SERVER,
        "there is nothing to do, and a spoke is asked about more than is collected: {second:?}"
    );
    let (eks, api_server) = (first.0 - second.0, first.1 - second.1);
    ensure!(
        eks <= APPLIED_TO_EKS && api_server <= APPLIED_TO_API_SERVER,
        "{eks} requests to EKS and {api_server} to its API server to change one spoke"
    );
    Ok(())
}

fn told(all: &Phase, applied: &Phase, again: &Phase) -> String {
    let each = [("collected", all), ("applied", applied), ("nothing to do", again)].map(|(what, phase)| {
        let Phase { asked, usage, .. } = phase;
        format!(
            "{what} in {:.0} s, {:.0} MiB and {} requests, {} of them throttled",
            usage.wall.as_secs_f64(),
            usage.mebibytes(),
            asked.all(),
            asked.too_many()
        )
    });
    each.join("; ")
}
