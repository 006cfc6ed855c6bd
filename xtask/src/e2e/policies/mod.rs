//! `crates/iam` against evaluators that others wrote.
//!
//! A disagreement is explained by the evaluator's list below `disputes`, or it is an error that prints the request as a line
//! for `oarlock simulate --explain`.

mod arn;
mod dispute;
mod disputes;
mod edit;
mod generate;
mod ours;
mod peer;
mod question;
mod value;
mod variable;

use std::{collections::BTreeMap, thread};

use anyhow::{Context, Result, bail};
use fastrand::Rng;
use iam::Decision;

use super::suite::Ground;
use peer::{Answer, PEERS, Peer, Running};
use question::Question;

/// Questions, unless the command line says how many.
const QUESTIONS: u64 = 20_000;

/// With `--all`.
const ALL_QUESTIONS: u64 = 100_000;

/// Questions that are asked at once.
const AT_ONCE: u64 = 2_000;

/// Disagreements of one evaluator that are printed.
const SHOWN: usize = 5;

/// What came of the questions to one evaluator.
#[derive(Default)]
struct Tally {
    asked: u64,
    agreed: BTreeMap<&'static str, u64>,
    /// AWS says that it depends on the service.
    undecided: u64,
    /// By the number of the entry.
    about: BTreeMap<usize, u64>,
    /// Disagreements that no entry explains.
    unexplained: Vec<String>,
}

/// A question with our answer.
type Answered = (Question, Decision);

/// Asks all evaluators.
pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let options = ground.options;
    let default = if options.all { ALL_QUESTIONS } else { QUESTIONS };
    let questions = options.questions.unwrap_or(default);
    let mut rng = Rng::with_seed(options.seed);
    let start = |peer| Ok((Running::start(peer, ground)?, Tally::default()));
    let mut peers = PEERS.iter().map(start).collect::<Result<Vec<_>>>()?;
    let mut left = questions;
    while left > 0 {
        let batch = batch(&mut rng, left.min(AT_ONCE))?;
        left -= left.min(AT_ONCE);
        side_by_side(&mut peers, &batch)?;
    }
    peers.iter().for_each(|(running, tally)| tally.print(running.peer));
    peers.iter().try_for_each(|(running, tally)| tally.check(running.peer, options.all))?;
    let names = PEERS.iter().map(|peer| peer.name).collect::<Vec<_>>().join(" and ");
    let seed = options.seed;
    Ok(format!(
        "{questions} questions about IAM, answered as {names} do but for what AWS documents (seed {seed})"
    ))
}

fn side_by_side(peers: &mut [(Running, Tally)], batch: &[Answered]) -> Result<()> {
    thread::scope(|scope| {
        let asked = peers.iter_mut().map(|(peer, tally)| scope.spawn(|| ask(peer, tally, batch)));
        let asked: Vec<_> = asked.collect();
        asked.into_iter().try_for_each(|asked| asked.join().ok().context("a peer's thread stopped")?)
    })
}

fn batch(rng: &mut Rng, count: u64) -> Result<Vec<Answered>> {
    let mut batch = Vec::new();
    for _ in 0..count {
        let question = generate::question(rng);
        let ours = ours::decide(&question).with_context(|| line(&question))?;
        batch.push((question, ours));
    }
    Ok(batch)
}

/// Asks one evaluator about that part of the questions which it knows.
fn ask(running: &mut Running, tally: &mut Tally, batch: &[Answered]) -> Result<()> {
    let takes = running.peer.takes;
    let mut asked = Vec::new();
    for (question, ours) in batch {
        let Some(part) = takes(question) else { continue };
        let ours = if part == *question { *ours } else { ours::decide(&part)? };
        asked.push((part.spelled_out(), ours, part));
    }
    let spelled_out: Vec<&Question> = asked.iter().map(|(spelled_out, ..)| spelled_out).collect();
    let answers = running.ask(&spelled_out)?;
    for ((spelled_out, ours, question), answer) in asked.iter().zip(&answers) {
        tally.asked += 1;
        if *ours == Decision::Unknown {
            may_depend_on_service(question)?;
            tally.undecided += 1;
        } else if answer.is(*ours) {
            *tally.agreed.entry(word(*ours)).or_default() += 1;
        } else if let Some(entries) = dispute::about(running, spelled_out, *ours)? {
            entries.into_iter().for_each(|entry| *tally.about.entry(entry).or_default() += 1);
        } else {
            let rest = dispute::in_other_words(running, spelled_out, *ours)?;
            tally.unexplained.push(disagreement(question, *ours, answer, &rest));
        }
    }
    Ok(())
}

fn disagreement(question: &Question, ours: Decision, theirs: &Answer, rest: &Question) -> String {
    let (ours, request, rest) = (word(ours), line(question), line(rest));
    format!("ours: {ours}\ntheirs: {theirs}\nrequest: {request}\nwithout what the list explains: {rest}")
}

/// Of nothing else but `NotPrincipal` AWS says that it depends on the service ("AWS JSON policy elements: NotPrincipal").
fn may_depend_on_service(question: &Question) -> Result<()> {
    let mut may = false;
    question.clone().each_statement(|place| may |= place.statement.contains_key("NotPrincipal"));
    if !may {
        bail!("all is known of this request, and we don't know the answer\nrequest: {}", line(question));
    }
    Ok(())
}

impl Tally {
    fn print(&self, peer: &Peer) {
        println!("{:>9}  asked of {}", self.asked, peer.name);
        for (decision, count) in &self.agreed {
            println!("{count:>9}  agreed: {decision}");
        }
        println!("{:>9}  undecided: `NotPrincipal` that depends on the service", self.undecided);
        for (number, dispute) in peer.disputes.iter().enumerate() {
            let count = self.about.get(&number).copied().unwrap_or_default();
            println!(
                "{count:>9}  {} is wrong about {}: {} ({})",
                peer.name, dispute.about, dispute.because, dispute.page
            );
        }
    }

    /// Whether all is explained. Answers that are all alike show nothing, and neither does an entry that explains none.
    fn check(&self, peer: &Peer, is_all: bool) -> Result<()> {
        if !self.unexplained.is_empty() {
            let shown =
                self.unexplained.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("\n");
            bail!("{} says otherwise {} times\n{shown}", peer.name, self.unexplained.len());
        }
        if self.agreed.len() < 3 {
            bail!("{} gave not all kinds of answers: ask more", peer.name);
        }
        let unmet = |number: &usize| !self.about.contains_key(number);
        let unmet: Vec<_> = (0..peer.disputes.len()).filter(unmet).collect();
        for dispute in unmet.iter().filter_map(|number| peer.disputes.get(*number)) {
            println!("no request met `{}`, in which {} is wrong", dispute.about, peer.name);
        }
        if is_all && !unmet.is_empty() {
            bail!("{} entries about {} explain nothing", unmet.len(), peer.name);
        }
        Ok(())
    }
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "allowed",
        Decision::ExplicitDeny => "explicit-deny",
        Decision::ImplicitDeny => "implicit-deny",
        Decision::Unknown => "unknown",
    }
}

/// A question for `oarlock simulate`.
fn line(question: &Question) -> String {
    serde_json::to_string(question).unwrap_or_else(|error| error.to_string())
}
