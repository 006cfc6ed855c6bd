//! No more: each granted verb on each resource is dropped in turn, on the real API server, and something that Argo CD's own code
//! did before must be refused then; or the plan says itself that the grant is wider than what is deployed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
};

use anyhow::{Result, bail};
use fastrand::Rng;

mod drop;
mod grant;
mod holders;
mod replay;
mod summary;

use drop::Drop;
use grant::Grant;
use holders::holders;
use summary::Summary;

use super::{
    enough::{
        self, Attempts,
        case::{Case, Identity},
        coverage::{Coverage, Exercise},
    },
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
    /// Dropped, and nothing was refused, which has an excuse.
    excused: usize,
    survivors: Vec<String>,
    report: String,
    summary: Summary,
}

pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let mut tally = Tally::default();
    let cases = enough::plain_cases(ground, CASES)?;
    for (case, (grants, drops)) in cases.iter().zip(ground.each(&cases, |case| one(ground, case))?) {
        tally.add(case, grants, drops);
    }
    let Tally { grants, dropped, excused, survivors, report, summary } = tally;
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
        "{dropped} of {grants} grants dropped, each was missed but {excused} that the plan lists as beyond the needs, or whose needs nothing exercises here; 0 survivors"
    ))
}

/// How many grants a case has, and those that were dropped.
fn one(ground: &Ground<'_>, case: &Case) -> Result<(usize, Vec<Drop>)> {
    let Attempts { scene, played, .. } = enough::attempt(ground, case)?;
    if let Some((app, what)) = played.iter().flat_map(|step| &step.failures).next() {
        bail!("{}: {app} fails already with all grants: {what}", case.name);
    }
    let coverage = Coverage::of(case, &played);
    scene.cluster.apply("somebody", &replay::shipped(&played))?;
    let all = grant::grants(&case.planned);
    let chosen = if ground.options.all { all.clone() } else { sample(&all, ground.options.seed) };
    let mut drops = Vec::new();
    for grant in chosen {
        let holders = holders(case, &grant.role)?;
        drops.push(Drop {
            deeds: replay::deeds(case, &played, &coverage, &grant, &holders)?,
            killed: None,
            excuse: excuse(&coverage, &grant, &holders),
            grant,
        });
    }
    drop::requests(&scene.cluster, &mut drops)?;
    drop::gifts(&scene.cluster, case, &mut drops)?;
    println!("{}: {} of {} grants dropped", case.name, drops.len(), all.len());
    Ok((all.len(), drops))
}

impl Tally {
    fn add(&mut self, case: &Case, grants: usize, drops: Vec<Drop>) {
        self.grants += grants;
        self.summary.add(case, &drops);
        let _ = writeln!(self.report, "## {}\n", case.name);
        for Drop { grant, killed, excuse, .. } in drops {
            self.dropped += 1;
            let verdict = match (killed, excuse) {
                (Some(deed), _) => format!("killed by {deed}"),
                (None, Some(excuse)) => {
                    self.excused += 1;
                    excuse.to_owned()
                }
                (None, None) => {
                    self.survivors.push(format!("{}: {grant}", case.name));
                    "SURVIVES".to_owned()
                }
            };
            let _ = writeln!(self.report, "{grant}\n    {verdict}");
        }
    }
}

/// Why nothing misses a grant: no need of its holders' that it serves is exercised here (enough/exemption.rs has the reasons), or all
/// of them are wider than what is deployed, and said to be.
fn excuse(coverage: &Coverage, grant: &Grant, holders: &BTreeSet<Identity>) -> Option<&'static str> {
    let serves = |permission: &rbac::Permission| {
        grant.permissions.iter().any(|own| own.covers(permission) || permission.covers(own))
    };
    let served = || {
        let needs = coverage.exercised.iter().filter(|(need, _)| holders.contains(&need.identity));
        needs.filter(|(need, _)| serves(&need.permission))
    };
    served().next()?;
    if served().all(|(need, _)| need.beyond.is_some()) {
        return Some("beyond the needs, as the plan says");
    }
    let is_exempt = |how: &Exercise| matches!(how, Exercise::Exempt(_));
    served().all(|(_, how)| is_exempt(how)).then_some("needs that nothing exercises here")
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
