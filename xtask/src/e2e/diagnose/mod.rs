//! `oarlock diagnose` as somebody uses it who has an error: one thing is broken on real servers, and what Argo CD's own code, kubectl or the
//! AWS CLI say then goes into it, with what there is at that moment. The hop and the cause that it names have to be right, and by
//! doing what it prints the same operation has to succeed.

use std::fs;

use anyhow::{Result, bail, ensure};
use fastrand::Rng;

mod attempt;
mod furnish;
mod organization;
mod outcome;
mod repair;
mod scene;
mod way;
mod ways;

use scene::Scene;
use way::Way;

use super::{
    suite::Ground,
    tokens::{aws::Aws, irsa, pods},
};

/// How many ways of each family are gone where not all are.
const SAMPLE: usize = 1;

pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let ways = chosen(ground);
    if ways.is_empty() {
        bail!("no case is called `{}`", ground.options.case);
    }
    let (_server, aws) = Aws::start(ground)?;
    let scene = Scene::set(ground, &aws)?;
    let (mut outcomes, mut failures) = (Vec::new(), Vec::new());
    for way in &ways {
        match way.play(&scene) {
            Ok(outcome) => {
                println!("  {}", way.name);
                outcomes.push(outcome);
            }
            Err(error) => failures.push(format!("case `{}`: {error:#}", way.name)),
        }
    }
    let report = outcome::report(&outcomes);
    fs::write(ground.workspace.target.join("e2e/diagnose.out"), &report)?;
    ensure!(failures.is_empty(), "{} of {} ways:\n{}", failures.len(), ways.len(), failures.join("\n"));
    if ground.is_everything() {
        fs::write(ground.workspace.root.join("tests/e2e/diagnose.out"), report)?;
    }
    let emulated = scene.spoke.emulated.iter().map(String::as_str);
    for what in emulated.chain([pods::EMULATED, irsa::EMULATED, organization::EMULATED]) {
        println!("  emulated, not proven: {what}");
    }
    let all: usize = ways::FAMILIES.iter().map(|family| family.len()).sum();
    Ok(format!(
        "{} of {all} ways to break it: hop, cause and fix were right, and repaired it",
        outcomes.len()
    ))
}

/// Those that were asked for; else some of each family, and none that takes a minute by itself.
fn chosen(ground: &Ground<'_>) -> Vec<&'static Way> {
    let mut rng = Rng::with_seed(ground.options.seed);
    let everything = ground.options.all || !ground.options.case.is_empty();
    let of_family = |family: &&'static [Way]| -> Vec<&'static Way> {
        let wanted = family.iter().filter(|way| ground.wants(way.name));
        if everything {
            return wanted.collect();
        }
        rng.choose_multiple(wanted.filter(|way| !way.attempt.is_slow()), SAMPLE)
    };
    ways::FAMILIES.iter().flat_map(of_family).collect()
}
