//! `crates/rbac` against Kubernetes' own authorizer, rule resolver, `Covers` and escalation check.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        mpsc::{Sender, channel},
    },
    thread,
};

use anyhow::{Context, Result, bail};
use fastrand::Rng;
use rbac::{Policy, PolicyRule, escalation};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Options, generate, go, ours, suite::Ground};

/// Questions, unless the command line says how many.
const QUESTIONS: u64 = 100_000;

/// Questions that are asked about one policy.
const ABOUT_ONE: u64 = 100;

/// Four kinds of questions with two answers each.
const KINDS: usize = 8;

/// A question with our answer.
struct Asked {
    policy: Arc<Value>,
    question: Value,
    ours: Ours,
}

/// Our answers to one question: all must be the oracle's.
enum Ours {
    /// By the authorizer, by compiled rules, and by the set of all that is held.
    Allowed([bool; 3]),
    Uncovered(Vec<PolicyRule>),
    MayGive(bool),
    Held(Vec<PolicyRule>),
}

/// Asks Kubernetes' own code.
pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    compare(&go::program(ground.workspace, "rbac-oracle")?, ground.options)
}

/// Asks both sides; the first disagreement is an error that says what was asked about what.
fn compare(oracle: &Path, options: &Options) -> Result<String> {
    let mut child = Command::new(oracle)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", oracle.display()))?;
    let stdin = child.stdin.take().context("the oracle has no stdin")?;
    let stdout = child.stdout.take().context("the oracle has no stdout")?;
    let (sender, asked) = channel();
    let (questions, seed) = (options.questions.unwrap_or(QUESTIONS), options.seed);
    let asking = thread::spawn(move || ask(BufWriter::new(stdin), &sender, questions, seed));
    let mut tally: BTreeMap<String, u64> = BTreeMap::new();
    for line in BufReader::new(stdout).lines() {
        let theirs: Value = serde_json::from_str(&line?)?;
        let asked: Asked = asked.recv().context("an answer to nothing")?;
        if let Some(disagreement) = disagreement(&asked.ours, &theirs)? {
            child.kill()?;
            bail!("{disagreement}\nquestion: {}\npolicy: {}", asked.question, asked.policy);
        }
        *tally.entry(kind(&asked.ours, &theirs)).or_default() += 1;
    }
    asking.join().ok().context("the generator stopped")??;
    let status = child.wait()?;
    let answered: u64 = tally.values().sum();
    if !status.success() || answered != questions {
        bail!("{answered} of {questions} questions were answered: {status}");
    }
    for (kind, count) in &tally {
        println!("{count:>9}  {kind}");
    }
    if tally.len() < KINDS {
        bail!("of a kind of question all answers are alike, which shows nothing: ask more of them");
    }
    Ok(format!("{answered} questions about RBAC, answered as Kubernetes does (seed {seed})"))
}

fn ask(mut oracle: impl Write, asked: &Sender<Asked>, questions: u64, seed: u64) -> Result<()> {
    let mut rng = Rng::with_seed(seed);
    let mut cluster = (Arc::new(Value::Null), Policy::default());
    for number in 0..questions {
        if number % ABOUT_ONE == 0 {
            let policy = generate::policy(&mut rng);
            writeln!(oracle, "{}", json!({ "policy": policy }))?;
            let parsed = ours::policy(&policy)?;
            cluster = (Arc::new(policy), parsed);
        }
        let (question, ours) = match rng.u8(..10) {
            0 => covers(&mut rng)?,
            1 => escalates(&mut rng, &cluster.1)?,
            2 => holds(&mut rng, &cluster.1),
            _ => authorizes(&mut rng, &cluster.1),
        };
        writeln!(oracle, "{question}")?;
        // Nobody listens any more once a disagreement was found.
        if asked.send(Asked { policy: Arc::clone(&cluster.0), question, ours }).is_err() {
            break;
        }
    }
    oracle.flush()?;
    Ok(())
}

fn authorizes(rng: &mut Rng, policy: &Policy) -> (Value, Ours) {
    let question = generate::request(rng);
    let allowed = ours::allowed(policy, &question);
    (json!({ "authorize": question }), Ours::Allowed(allowed))
}

fn holds(rng: &mut Rng, policy: &Policy) -> (Value, Ours) {
    let question = generate::place(rng);
    let held = ours::rules_for(policy, &question);
    (json!({ "rules": question }), Ours::Held(held))
}

fn covers(rng: &mut Rng) -> Result<(Value, Ours)> {
    let (held, wanted) = (generate::rules(rng), generate::rules(rng));
    let uncovered = escalation::uncovered(&ours::rules(&held)?, &ours::rules(&wanted)?);
    Ok((json!({ "covers": { "held": held, "wanted": wanted } }), Ours::Uncovered(uncovered)))
}

fn escalates(rng: &mut Rng, policy: &Policy) -> Result<(Value, Ours)> {
    let question = generate::gift(rng);
    let own = policy.rules_for(&ours::identity(&question), ours::namespace(&question));
    let wanted = question.get("rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let may_give = escalation::uncovered(&own, &ours::rules(wanted)?).is_empty();
    Ok((json!({ "escalate": question }), Ours::MayGive(may_give)))
}

fn disagreement(ours: &Ours, theirs: &Value) -> Result<Option<String>> {
    let ours = match ours {
        Ours::Allowed(ours) => {
            let same = ours.iter().all(|ours| theirs == ours);
            (!same).then(|| format!("allowed (authorize, compile, set): {ours:?}"))
        }
        Ours::MayGive(ours) => (theirs != ours).then(|| format!("may give: {ours}")),
        Ours::Uncovered(ours) => {
            let theirs: Vec<PolicyRule> = Vec::deserialize(theirs)?;
            (*ours != theirs).then(|| format!("uncovered: {}", json!(ours)))
        }
        Ours::Held(ours) => (*ours != ours::listed(theirs)?).then(|| format!("held: {}", json!(ours))),
    };
    Ok(ours.map(|ours| format!("Kubernetes says otherwise\nours: {ours}\ntheirs: {theirs}")))
}

/// For the tally: a question of which all answers are alike would show nothing.
fn kind(ours: &Ours, theirs: &Value) -> String {
    match ours {
        Ours::Allowed(_) => format!("requests, allowed: {theirs}"),
        Ours::MayGive(_) => format!("rules to be given, permitted: {theirs}"),
        Ours::Uncovered(uncovered) => format!("rules covered: {}", uncovered.is_empty()),
        Ours::Held(held) => format!("rules are held: {}", !held.is_empty()),
    }
}
