//! `crates/argocd` against Argo CD's own parser of cluster Secrets, its AppProjects' checks and its impersonation.
//!
//! `tests/e2e/argocd` is asked a question a line. Our answer has the form of its answer, and both must be equal.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::{Sender, channel},
    thread,
};

use anyhow::{Context, Result, bail, ensure};
use fastrand::Rng;
use serde_json::{Value, json};

use super::{Options, go, suite::Ground};

mod fleets;
mod generate;
mod impersonation;
mod projects;
mod secrets;

/// What each kind of question must have been answered with: one whose answers are all alike would show nothing.
const KINDS: [&str; 20] = [
    "accounts: an account",
    "accounts: nobody",
    "accounts: refused, default service account contains invalid chars",
    "accounts: refused, invalid glob pattern for destination namespace",
    "accounts: refused, invalid glob pattern for destination server",
    "accounts that the plan creates: an account",
    "cluster-scoped kinds: false",
    "cluster-scoped kinds: true",
    "cluster Secrets: AWS",
    "cluster Secrets: anonymous or static",
    "cluster Secrets: exec",
    "cluster Secrets: in-cluster",
    "cluster Secrets: refused, failed to unmarshal cluster config",
    "cluster Secrets that the plan wants: AWS",
    "cluster Secrets that the plan wants: anonymous or static",
    "destinations that the plan permits: true",
    "destinations: false",
    "destinations: true",
    "namespaced kinds: false",
    "namespaced kinds: true",
];

/// A question with our answer.
struct Asked {
    kind: &'static str,
    question: Value,
    ours: Value,
}

/// Makes one of them by chance.
type Ask = fn(&mut Rng) -> Result<Asked>;

/// How many of which are asked.
const GENERATED: [(u64, Ask); 4] = [
    (5_000, secrets::ask),
    (20_000, projects::ask_destination),
    (20_000, projects::ask_kind),
    (10_000, impersonation::ask),
];

/// Asks about what the example fleets' plans want, and about what chance makes.
pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let planned = fleets::questions(ground)?;
    let oracle = go::program(ground.workspace, "argocd")?;
    let tally = compare(&oracle, planned, ground.options)?;
    for (kind, count) in &tally {
        println!("{count:>9}  {kind}");
    }
    if let Some(missing) = KINDS.iter().find(|kind| !tally.contains_key(**kind)) {
        bail!("nothing was answered with `{missing}`: ask otherwise");
    }
    let answered: u64 = tally.values().sum();
    Ok(format!("{answered} questions, answered as Argo CD does (seed {})", ground.options.seed))
}

/// Asks both sides; the first disagreement is an error that says what was asked.
fn compare(oracle: &Path, planned: Vec<Asked>, options: &Options) -> Result<BTreeMap<String, u64>> {
    let mut child = Command::new(oracle)
        .arg("oracle")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", oracle.display()))?;
    let stdin = child.stdin.take().context("the oracle has no stdin")?;
    let stdout = child.stdout.take().context("the oracle has no stdout")?;
    let (sender, asked) = channel();
    let seed = options.seed;
    let asking = thread::spawn(move || ask(BufWriter::new(stdin), &sender, planned, seed));
    let mut tally = BTreeMap::new();
    for line in BufReader::new(stdout).lines() {
        let theirs = comparable(serde_json::from_str(&line?)?);
        let Asked { kind, question, ours } = asked.recv().context("an answer to nothing")?;
        // Argo CD's library for patterns panics on some: there is nothing to agree with.
        if ours != theirs && theirs.get("panic").is_none() {
            child.kill()?;
            child.wait()?;
            bail!(
                "Argo CD says otherwise about {kind}\nours: {ours}\ntheirs: {theirs}\nquestion: {question}"
            );
        }
        *tally.entry(format!("{kind}: {}", said(&theirs))).or_default() += 1;
    }
    let asked = asking.join().ok().context("the generator stopped")??;
    let status = child.wait()?;
    let answered: u64 = tally.values().sum();
    ensure!(status.success() && answered == asked, "{answered} of {asked} questions were answered: {status}");
    Ok(tally)
}

/// How many were asked.
fn ask(mut oracle: impl Write, sender: &Sender<Asked>, planned: Vec<Asked>, seed: u64) -> Result<u64> {
    let mut rng = Rng::with_seed(seed);
    let generated = GENERATED.iter().flat_map(|(count, ask)| (0..*count).map(move |_| ask));
    let generated = generated.map(|ask| ask(&mut rng));
    let mut count = 0;
    for asked in planned.into_iter().map(Ok).chain(generated) {
        let asked = asked?;
        writeln!(oracle, "{}", asked.question)?;
        // Nobody listens any more once a disagreement was found.
        if sender.send(asked).is_err() {
            break;
        }
        count += 1;
    }
    oracle.flush()?;
    Ok(count)
}

fn value(value: impl Into<Value>) -> Value {
    json!({ "value": value.into() })
}

fn refused(message: &str) -> Value {
    comparable(json!({ "value": null, "error": message }))
}

/// What Go's JSON parser has to say is its own; that it refuses is what counts.
fn comparable(mut answer: Value) -> Value {
    if let Some(error) = answer.get_mut("error")
        && let Some((malformed @ MALFORMED, _)) = error.as_str().and_then(|error| error.split_once(':'))
    {
        *error = json!(malformed);
    }
    answer
}

const MALFORMED: &str = "failed to unmarshal cluster config";

/// For the tally.
fn said(answer: &Value) -> String {
    if answer.get("panic").is_some() {
        return "Argo CD panics".to_owned();
    }
    if let Some(error) = answer.get("error").and_then(Value::as_str) {
        let general = error.split([':', '\'']).next().unwrap_or_default();
        return format!("refused, {}", general.trim_end());
    }
    match answer.get("value") {
        Some(Value::Object(cluster)) => connection(cluster.get("connection")).to_owned(),
        Some(Value::String(nobody)) if nobody.is_empty() => "nobody".to_owned(),
        Some(Value::String(_)) => "an account".to_owned(),
        other => other.unwrap_or(&Value::Null).to_string(),
    }
}

fn connection(connection: Option<&Value>) -> &'static str {
    let at = |pointer| connection.and_then(|connection| connection.pointer(pointer));
    match at("/exec/command").and_then(Value::as_str) {
        Some("argocd-k8s-auth") => "AWS",
        Some(_) => "exec",
        None if at("/inCluster") == Some(&Value::Bool(true)) => "in-cluster",
        None => "anonymous or static",
    }
}
