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
use rbac::{Binding, Identity, Permission, Policy, PolicyRule, Request, Role, escalation};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Options, generate, go, suite::Ground};

/// Questions that are asked about one policy.
const ABOUT_ONE: u64 = 100;

/// Three kinds of questions with two answers each.
const KINDS: usize = 6;

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
    let (questions, seed) = (options.questions, options.seed);
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
            let parsed = parsed(&policy)?;
            cluster = (Arc::new(policy), parsed);
        }
        let (question, ours) = match rng.u8(..10) {
            0 => covers(&mut rng)?,
            1 => escalates(&mut rng, &cluster.1)?,
            _ => authorizes(&mut rng, &cluster.1)?,
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

fn parsed(policy: &Value) -> Result<Policy> {
    let objects = |field: &str| policy.get(field).and_then(Value::as_array).into_iter().flatten();
    let roles = objects("roles").chain(objects("clusterRoles")).map(Role::deserialize);
    let bindings = objects("roleBindings").chain(objects("clusterRoleBindings")).map(Binding::deserialize);
    Ok(Policy::new(roles.collect::<Result<Vec<_>, _>>()?, bindings.collect::<Result<Vec<_>, _>>()?, []))
}

fn authorizes(rng: &mut Rng, policy: &Policy) -> Result<(Value, Ours)> {
    let question = generate::request(rng);
    let (identity, request) = (identity(&question), request(&question));
    let allowed = [
        rbac::authorize(policy, &identity, &request).is_allowed(),
        rbac::compile(policy, &identity).decide(&request).is_allowed(),
        policy.held(&identity).permissions.contains(&exactly(&request)),
    ];
    Ok((json!({ "authorize": question }), Ours::Allowed(allowed)))
}

/// The permission that allows a request and no other: a request without name is the one that `resourceNames: [""]` allows.
fn exactly(request: &Request) -> Permission {
    match Permission::from(request) {
        permission @ Permission::Resource { name: None, .. } => permission.named(""),
        permission => permission,
    }
}

fn covers(rng: &mut Rng) -> Result<(Value, Ours)> {
    let (held, wanted) = (generate::rules(rng), generate::rules(rng));
    let uncovered = escalation::uncovered(&rules(&held)?, &rules(&wanted)?);
    Ok((json!({ "covers": { "held": held, "wanted": wanted } }), Ours::Uncovered(uncovered)))
}

fn escalates(rng: &mut Rng, policy: &Policy) -> Result<(Value, Ours)> {
    let question = generate::gift(rng);
    let namespace = Some(text(&question, "namespace")).filter(|namespace| !namespace.is_empty());
    let own = policy.rules_for(&identity(&question), namespace);
    let wanted = question.get("rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let may_give = escalation::uncovered(&own, &rules(wanted)?).is_empty();
    Ok((json!({ "escalate": question }), Ours::MayGive(may_give)))
}

fn rules(values: &[Value]) -> Result<Vec<PolicyRule>> {
    Ok(values.iter().map(PolicyRule::deserialize).collect::<Result<_, _>>()?)
}

/// Exactly the groups that are written: the API server adds its own when it authenticates.
fn identity(question: &Value) -> Identity {
    let groups =
        question.get("groups").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    Identity { user: text(question, "user").to_owned(), groups: groups.map(str::to_owned).collect() }
}

fn request(question: &Value) -> Request {
    let verb = text(question, "verb");
    if !text(question, "path").is_empty() {
        return Request::path(verb, text(question, "path"));
    }
    let resource = match text(question, "subresource") {
        "" => text(question, "resource").to_owned(),
        subresource => format!("{}/{subresource}", text(question, "resource")),
    };
    let mut request = Request::resource(verb, text(question, "group"), &resource);
    if !text(question, "namespace").is_empty() {
        request = request.in_namespace(text(question, "namespace"));
    }
    match text(question, "name") {
        "" => request,
        name => request.named(name),
    }
}

fn text<'q>(question: &'q Value, field: &str) -> &'q str {
    question.get(field).and_then(Value::as_str).unwrap_or_default()
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
    };
    Ok(ours.map(|ours| format!("Kubernetes says otherwise\nours: {ours}\ntheirs: {theirs}")))
}

/// For the tally: a question of which all answers are alike would show nothing.
fn kind(ours: &Ours, theirs: &Value) -> String {
    match ours {
        Ours::Allowed(_) => format!("requests, allowed: {theirs}"),
        Ours::MayGive(_) => format!("rules to be given, permitted: {theirs}"),
        Ours::Uncovered(uncovered) => format!("rules covered: {}", uncovered.is_empty()),
    }
}
