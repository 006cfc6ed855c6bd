//! Enough: Argo CD's own code, with what Oarlock grants and nothing else, does all that the fleet declares; and each of its
//! requests is among the needs.

use std::{fmt::Write as _, fs, path::PathBuf};

use anyhow::{Result, bail};

pub(super) mod case;
mod clicks;
pub(super) mod coverage;
pub(super) mod definitions;
mod disturb;
mod exemption;
mod fleet;
mod harmless;
mod leftover;
pub(super) mod scene;
pub(super) mod steps;
pub(super) mod summary;
mod variant;

use case::Case;
use coverage::{Coverage, Exercise};
use exemption::Used;
use scene::Scene;
use steps::Played;
use summary::Summary;
use variant::{VARIANTS, Variant};

use super::suite::Ground;

/// The example fleets, by the names that their cases have.
const FLEETS: [(&str, &str); 3] = [
    ("acme", "acme/fleet.yaml"),
    ("acme-irsa", "acme/fleet-irsa.yaml"),
    ("capability", "capability/fleet.yaml"),
];

/// What is played where not all is: both clusters' kinds of scope, all topologies, each way to sync, impersonation, shipped RBAC,
/// the hub itself.
const SAMPLE: &[&str] = &[
    "acme/analytics-eu",
    "acme/in-cluster",
    "acme/payments-prod-eu",
    "acme-server-side-apply/analytics-eu",
    "acme-replace/in-cluster",
    "acme-irsa/analytics-eu",
    "acme-irsa/payments-prod-us",
    "acme-respect-normal/analytics-eu",
    "acme-respect-strict/analytics-eu",
    "capability/orders",
];

pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let (mut needs, mut requests, mut wrong) = (0, 0, String::new());
    let (mut report, mut summary, mut exempt) = (String::new(), Summary::default(), Used::default());
    let cases = cases(ground, VARIANTS, SAMPLE)?;
    let played = ground.each(&cases, |case| play(ground, case))?;
    for (case, (coverage, mistakes)) in cases.iter().zip(&played) {
        wrong.push_str(mistakes);
        report.push_str(&coverage.report(case));
        report.push('\n');
        summary.add(case, coverage);
        needs += coverage.exercised.len();
        for (need, how) in &coverage.exercised {
            match how {
                Exercise::Asked(_) => requests += 1,
                Exercise::Held(_) => {}
                Exercise::Exempt(_) => exempt.note(need),
                Exercise::Never => {
                    let _ = writeln!(
                        wrong,
                        "{}: never asked for: {}: {}",
                        case.name, need.identity, need.permission
                    );
                }
            }
        }
    }
    let path = ground.workspace.target.join("e2e/coverage.out");
    fs::write(&path, report)?;
    if ground.is_everything() {
        for stale in exempt.stale() {
            let _ =
                writeln!(wrong, "exempt, and always asked for: {stale} (xtask/src/e2e/enough/exemption.rs)");
        }
        fs::write(ground.workspace.root.join("tests/e2e/coverage.out"), summary.report())?;
    }
    if !wrong.is_empty() {
        bail!("{wrong}the whole of it: {}", path.display());
    }
    Ok(format!(
        "{} clusters, {needs} needs, {requests} of them by requests of Argo CD's own code; none is never asked for without a reason",
        cases.len()
    ))
}

/// A case that was played, with its servers as they are after the last step.
pub(super) struct Attempts<'c> {
    pub(super) scene: Scene<'c>,
    pub(super) played: Vec<Played>,
    /// The steps of a first attempt that failed: what it asked for counts all the same.
    pub(super) before: Vec<Played>,
}

/// Plays a case, and once more from the beginning where something fails.
pub(super) fn attempt<'c>(ground: &Ground<'_>, case: &'c Case) -> Result<Attempts<'c>> {
    let mut scene = Scene::set(ground, case)?;
    let played = steps::play(&mut scene)?;
    if played.iter().all(|step| step.failures.is_empty()) {
        return Ok(Attempts { scene, played, before: Vec::new() });
    }
    println!(
        "{}: once more, from the beginning: Argo CD and the cluster may have been out of step",
        case.name
    );
    drop(scene);
    scene = Scene::set(ground, case)?;
    Ok(Attempts { played: steps::play(&mut scene)?, scene, before: played })
}

/// What a case's needs were exercised by, and what went wrong, a line each.
fn play(ground: &Ground<'_>, case: &Case) -> Result<(Coverage, String)> {
    let mut wrong = String::new();
    let Attempts { scene, played, before } = attempt(ground, case)?;
    let coverage = Coverage::of(case, before.iter().chain(&played));
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
    Ok((coverage, wrong))
}

/// The cases of the example fleets as they stand, all of them with `--all`; else those of a sample.
pub(super) fn plain_cases(ground: &Ground<'_>, sample: &[&str]) -> Result<Vec<Case>> {
    cases(ground, &[variant::PLAIN], sample)
}

/// The cases of the example fleets in these variants, all of them with `--all`; else those of a sample.
fn cases(ground: &Ground<'_>, variants: &[Variant], sample: &[&str]) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (fleet, file) in FLEETS {
        for variant in variants {
            let name =
                if variant.name.is_empty() { fleet.to_owned() } else { format!("{fleet}-{}", variant.name) };
            if !is_chosen(ground, sample, &name) {
                continue;
            }
            let path: PathBuf = ground.examples().join(file);
            let of_fleet = fleet::Fleet::plan(ground, &path, &name, variant)?.cases()?;
            cases.extend(of_fleet.into_iter().filter(|case| is_chosen(ground, sample, &case.name)));
        }
    }
    if cases.is_empty() {
        bail!("no case is called `{}`", ground.options.case);
    }
    Ok(cases)
}

/// Whether a case, or any of a fleet, is to be played.
fn is_chosen(ground: &Ground<'_>, sample: &[&str], name: &str) -> bool {
    let wanted = ground.options.case.as_str();
    let is_below = |case: &str, of: &str| case.strip_prefix(of).is_some_and(|rest| rest.starts_with('/'));
    let belongs = |case: &str| case == name || is_below(case, name) || is_below(name, case);
    match (wanted, ground.options.all) {
        ("", true) => true,
        ("", false) => sample.iter().any(|case| belongs(case)),
        _ => name.contains(wanted) || belongs(wanted),
    }
}
