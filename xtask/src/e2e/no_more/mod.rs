//! No more: each granted verb on each resource is dropped in turn, on the real API server, and something that Argo CD's own code
//! did before must be refused then; or the plan says itself that the grant is wider than what is deployed.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use anyhow::{Result, bail};
use fastrand::Rng;

mod drop;
mod grant;
mod replay;
mod summary;

use drop::Drop;
use grant::Grant;
use summary::Summary;

use super::{
    enough::{self, case::Case, coverage::Coverage, scene::Scene, steps},
    suite::Ground,
};

/// The cluster whose grants are dropped where not all are: one role serves all of Argo CD there, and an Application ships another.
const CASES: &[&str] = &["capability/orders"];

/// How many grants of each case are dropped where not all are.
const SAMPLE: usize = 40;

#[derive(Default)]
struct Tally {
    grants: usize,
    dropped: usize,
    /// Dropped, and nothing was refused, as the plan's list of what is beyond the needs says.
    beyond: usize,
    survivors: Vec<String>,
    report: String,
    summary: Summary,
}

pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let mut tally = Tally::default();
    for case in enough::plain_cases(ground, CASES)? {
        one(ground, &case, &mut tally)?;
    }
    let Tally { grants, dropped, beyond, survivors, report, summary } = tally;
    let path = ground.workspace.target.join("e2e/no-more.out");
    fs::write(&path, report)?;
    if ground.is_everything() {
        fs::write(ground.workspace.root.join("tests/e2e/no-more.out"), summary.report())?;
    }
    if dropped == 0 {
        bail!("no grant was dropped");
    }
    if !survivors.is_empty() {
        bail!(
            "nothing needs {} grants:\n{}\nthe whole of it: {}",
            survivors.len(),
            survivors.join("\n"),
            path.display()
        );
    }
    Ok(format!(
        "{dropped} of {grants} grants dropped, each was missed but {beyond} that the plan lists as beyond the needs; 0 survivors"
    ))
}

fn one(ground: &Ground<'_>, case: &Case, tally: &mut Tally) -> Result<()> {
    let mut scene = Scene::set(ground, case)?;
    let played = steps::play(&mut scene)?;
    if let Some((app, what)) = played.iter().flat_map(|step| &step.failures).next() {
        bail!("{}: {app} fails already with all grants: {what}", case.name);
    }
    let coverage = Coverage::of(case, &played);
    scene.cluster.apply("somebody", &replay::shipped(&played))?;
    let all = grant::grants(&case.planned);
    let chosen = if ground.options.all { all.clone() } else { sample(&all, ground.options.seed) };
    tally.grants += all.len();
    let _ = writeln!(tally.report, "## {}\n", case.name);
    let mut drops = Vec::new();
    for grant in &chosen {
        drops.push(Drop { grant, deeds: replay::deeds(case, &played, &coverage, grant)?, killed: None });
    }
    drop::requests(&scene.cluster, &mut drops)?;
    drop::gifts(&scene.cluster, case, &mut drops)?;
    let is_said = |grant: &Grant| is_beyond(case, grant);
    tally.summary.add(case, &drops, is_said);
    for Drop { grant, killed, .. } in drops {
        tally.dropped += 1;
        let verdict = match killed {
            Some(deed) => format!("killed by {deed}"),
            None if is_said(grant) => {
                tally.beyond += 1;
                "beyond the needs, as the plan says".to_owned()
            }
            None => {
                tally.survivors.push(format!("{}: {grant}", case.name));
                "SURVIVES".to_owned()
            }
        };
        let _ = writeln!(tally.report, "{grant}\n    {verdict}");
    }
    println!("{}: {} of {} grants dropped", case.name, chosen.len(), all.len());
    Ok(())
}

/// Whether all needs that a grant serves are wider than what is deployed, and said to be.
fn is_beyond(case: &Case, grant: &Grant) -> bool {
    let serves = |permission: &rbac::Permission| {
        grant.permissions.iter().any(|own| own.covers(permission) || permission.covers(own))
    };
    let mut served = case.needs.iter().filter(|need| serves(&need.permission)).peekable();
    served.peek().is_some() && served.all(|need| need.beyond.is_some())
}

/// One grant of each verb, and some more by chance.
fn sample(all: &[Grant], seed: u64) -> Vec<Grant> {
    let mut rng = Rng::with_seed(seed);
    let mut by_verb: BTreeMap<&str, Vec<&Grant>> = BTreeMap::new();
    for grant in all {
        by_verb.entry(grant.verb()).or_default().push(grant);
    }
    let mut chosen: Vec<&Grant> =
        by_verb.values().filter_map(|grants| rng.choice(grants.iter().copied())).collect();
    let mut rest: Vec<&Grant> = all.iter().collect();
    rng.shuffle(&mut rest);
    chosen.extend(rest.into_iter().take(SAMPLE.saturating_sub(chosen.len())));
    chosen.into_iter().cloned().collect()
}
