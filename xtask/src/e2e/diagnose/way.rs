//! One thing that is broken, what it is noticed by, and what has to be said of it.

use std::{collections::BTreeSet, thread, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::{attempt::Attempt, outcome::Outcome, repair::Change, scene::Scene};
use crate::e2e::tokens::cluster::soon;

/// A way in which Argo CD doesn't get through.
pub(super) struct Way {
    pub(super) name: &'static str,
    pub(super) breaks: fn(&Scene<'_>) -> Result<()>,
    pub(super) attempt: Attempt,
    /// The signature that has to be found.
    pub(super) signature: &'static str,
    /// The hop at which the inventory says that it ends; without a question to the inventory, the likeliest.
    pub(super) hop: &'static str,
    /// Words of the one cause: what the inventory says of the hop, or else the likeliest cause.
    pub(super) cause: &'static str,
    pub(super) repair: Repair,
}

/// How it is repaired.
pub(super) enum Repair {
    /// By what is printed.
    Printed,
    /// Nothing is printed that could be done; these are words of what is said instead, of what to do or of what is missing or in the way,
    /// and this does it.
    Told(&'static str, fn(&Scene<'_>) -> Result<()>),
}

/// `oarlock diagnose -o json`, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Diagnosis {
    errors: Vec<Diagnosed>,
    unrecognised: Vec<Value>,
}

#[derive(Debug, Deserialize)]
struct Diagnosed {
    signature: String,
    text: String,
    hops: Vec<String>,
    causes: Vec<String>,
    fix: Vec<String>,
    inventory: Option<Answer>,
}

#[derive(Debug, Deserialize)]
struct Answer {
    answer: String,
    hop: Option<String>,
    hops: Vec<Hop>,
    #[serde(default)]
    missing: Vec<Value>,
    repair: Option<Printed>,
}

#[derive(Debug, Deserialize)]
struct Hop {
    at: String,
    by: String,
}

#[derive(Debug, Deserialize)]
struct Printed {
    changes: Vec<Change>,
    answer: String,
}

/// EKS learns of a change within a second.
const LEARNS: Duration = Duration::from_secs(2);

/// So often something else may fail once what failed first is repaired: a new access entry has no groups, and Argo CD lists kind by kind.
const FURTHER: usize = 9;

impl Way {
    /// Breaks it, has the error diagnosed, does what is said, and tries again.
    pub(super) fn play(&self, scene: &Scene<'_>) -> Result<Outcome> {
        scene.furnish().context("what is there")?;
        (self.breaks)(scene).context("breaking it")?;
        let input = soon(|| self.attempt.run(scene)).context("it works all the same")?;
        let diagnosis = self.diagnosed(scene, &input)?;
        let own = diagnosis.errors.iter().find(|error| error.signature == self.signature);
        let own =
            own.with_context(|| format!("{} isn't found: {diagnosis:#?}\nin\n{input}", self.signature))?;
        let (hop, cause) = (own.hop().to_owned(), own.cause());
        let right = hop == self.hop && cause.contains(self.cause);
        ensure!(right, "hop {} and cause `{}` expected: {own:#?}", self.hop, self.cause);
        let mut fix = self.repair(scene, own)?;
        fix.extend(self.further(scene).with_context(|| format!("not repaired by {fix:?}: {own:#?}"))?);
        Ok(Outcome {
            name: self.name,
            text: own.text.clone(),
            signature: own.signature.clone(),
            hop,
            cause,
            others: diagnosis.others(self.signature),
            fix,
        })
    }

    fn diagnosed(&self, scene: &Scene<'_>, input: &str) -> Result<Diagnosis> {
        Ok(Diagnosis::deserialize(&scene.diagnose(input, self.attempt.cluster())?)?)
    }

    /// Does what is said; what that was.
    fn repair(&self, scene: &Scene<'_>, own: &Diagnosed) -> Result<Vec<String>> {
        match (&self.repair, own.printed()) {
            (Repair::Printed, Some(printed)) => done(printed, scene),
            (Repair::Told(words, by_hand), None) => {
                let told = own.told().into_iter().find(|told| told.contains(words));
                let told = told.with_context(|| format!("nothing told has `{words}`: {own:#?}"))?;
                by_hand(scene).context("repairing it by hand")?;
                Ok(vec![format!("told, not printed: {told}")])
            }
            (_, printed) => bail!("printed: {}: {own:#?}", printed.is_some()),
        }
    }

    /// What was behind it, one after the other, until it works; each is diagnosed and repaired like the first.
    fn further(&self, scene: &Scene<'_>) -> Result<Vec<String>> {
        let (mut signatures, mut fixes) = (BTreeSet::new(), BTreeSet::new());
        for _ in 0..=FURTHER {
            thread::sleep(LEARNS);
            let Some(input) = self.attempt.run(scene)? else { return Ok(told(fixes.len(), &signatures)) };
            let diagnosis = self.diagnosed(scene, &input)?;
            let printed = diagnosis.errors.iter().find_map(|error| Some((error, error.printed()?)));
            let (error, printed) =
                printed.with_context(|| format!("nothing is printed: {diagnosis:#?}\nin\n{input}"))?;
            signatures.insert(error.signature.clone());
            let fix = done(printed, scene)?;
            ensure!(fixes.insert(fix.clone()), "it was done already: {fix:?}");
        }
        bail!("still not: {fixes:?}")
    }
}

/// Of what was behind it; in which order is by chance, since Argo CD lists several kinds at once.
fn told(fixes: usize, signatures: &BTreeSet<String>) -> Vec<String> {
    let all = signatures.iter().cloned().collect::<Vec<_>>().join(", ");
    let told = format!("then {fixes} more by what was printed of other errors, one after the other: {all}");
    if fixes == 0 { Vec::new() } else { vec![told] }
}

/// Does what is printed; what that was.
fn done(changes: &[Change], scene: &Scene<'_>) -> Result<Vec<String>> {
    changes.iter().try_for_each(|change| change.apply(scene))?;
    Ok(changes.iter().map(|change| change.title.clone()).collect())
}

impl Diagnosed {
    /// What is printed that repairs it, as far as it can tell.
    fn printed(&self) -> Option<&[Change]> {
        let printed = self.inventory.as_ref()?.repair.as_ref().filter(|own| own.answer == "yes")?;
        Some(&printed.changes)
    }

    fn hop(&self) -> &str {
        let looked =
            self.inventory.as_ref().filter(|own| own.answer != "yes").and_then(|own| own.hop.as_deref());
        looked.or(self.hops.first().map(String::as_str)).unwrap_or_default()
    }

    /// All that is said of what to do: in general, and of this very case.
    fn told(&self) -> Vec<String> {
        let missing = self.inventory.iter().flat_map(|answer| &answer.missing);
        let fills = missing.filter_map(|own| Some(own.get("fill")?.as_str()?.to_owned()));
        self.fix.iter().cloned().chain(fills).chain([self.cause()]).collect()
    }

    fn cause(&self) -> String {
        let Some(answer) = &self.inventory else { return self.causes.first().cloned().unwrap_or_default() };
        let failing = answer.hops.iter().find(|hop| Some(&hop.at) == answer.hop.as_ref());
        match failing {
            Some(hop) if answer.answer == "no" => hop.by.clone(),
            _ => format!("{}, since {}", answer.answer, answer.missing.iter().map(why).collect::<String>()),
        }
    }
}

/// Why something isn't known.
fn why(missing: &Value) -> &str {
    missing.get("cause").and_then(Value::as_str).unwrap_or_default()
}

impl Diagnosis {
    /// What else was found.
    fn others(&self, signature: &str) -> Vec<String> {
        let known = self.errors.iter().map(|error| error.signature.clone()).filter(|own| own != signature);
        let unknown = self.unrecognised.iter().map(|own| format!("not known: {}", own["text"]));
        known.chain(unknown).collect()
    }
}
