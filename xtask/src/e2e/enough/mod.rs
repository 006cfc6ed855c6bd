//! Enough: Argo CD's own code, with what Oarlock grants and nothing else, does all that the fleet declares; and each of its
//! requests is among the needs.

use std::{fmt::Write as _, fs, path::PathBuf};

use anyhow::{Result, bail};

pub(super) mod case;
mod clicks;
pub(super) mod coverage;
pub(super) mod definitions;
mod disturb;
mod fleet;
pub(super) mod scene;
pub(super) mod steps;

use case::Case;
use coverage::{Coverage, Exercise};
use scene::Scene;

use super::suite::Ground;

/// The example fleets, by the names that their cases have.
const FLEETS: [(&str, &str); 3] = [
    ("acme", "acme/fleet.yaml"),
    ("acme-irsa", "acme/fleet-irsa.yaml"),
    ("capability", "capability/fleet.yaml"),
];

pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let (mut needs, mut requests, mut wrong) = (0, 0, String::new());
    let cases = cases(ground)?;
    let mut report = String::new();
    for case in &cases {
        let coverage = play(ground, case, &mut wrong)?;
        report.push_str(&coverage.report(case));
        report.push('\n');
        needs += coverage.exercised.len();
        requests += coverage.exercised.values().filter(|how| matches!(how, Exercise::Asked(_))).count();
    }
    let path = ground.workspace.target.join("e2e/coverage.out");
    fs::write(&path, report)?;
    if !wrong.is_empty() {
        bail!("{wrong}the whole of it: {}", path.display());
    }
    Ok(format!(
        "{} clusters, {needs} needs, {requests} of them by requests of Argo CD's own code",
        cases.len()
    ))
}

fn play(ground: &Ground<'_>, case: &Case, wrong: &mut String) -> Result<Coverage> {
    let mut scene = Scene::set(ground, case)?;
    let played = steps::play(&mut scene)?;
    let coverage = Coverage::of(case, &played);
    println!("{}: {} needs", case.name, case.needs.len());
    for step in &played {
        for (app, what) in &step.failures {
            let _ = writeln!(wrong, "{}: {} of {app}: {what}  logs: {}", case.name, step.step, scene.logs());
        }
    }
    for (what, requests) in [("unforeseen", &coverage.unforeseen), ("refused", &coverage.refused)] {
        for (identity, permission) in requests {
            let _ = writeln!(wrong, "{}: {what}: {identity}: {permission}", case.name);
        }
    }
    Ok(coverage)
}

/// The cases of the example fleets.
pub(super) fn cases(ground: &Ground<'_>) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, file) in FLEETS {
        let path: PathBuf = ground.examples().join(file);
        cases.extend(fleet::Fleet::plan(ground, &path, name)?.cases()?);
    }
    Ok(cases.into_iter().filter(|case| ground.wants(&case.name)).collect())
}
