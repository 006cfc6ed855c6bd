//! Our own engine on the generated roles and requests, on one core, in a process of its own.

use std::{
    fs::File,
    hint::black_box,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use clap::Args;
use iam::{Context, ContextValue, Decision, Kind, Layers, Policy, Principal, Request};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::report::Report;

/// On which input, and for how long.
#[derive(Args)]
pub(crate) struct Options {
    /// Roles, a line each
    roles: PathBuf,
    /// Requests, a line each
    requests: PathBuf,
    /// Seconds to decide; with 0 the roles are loaded, and that is all
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Decide in random order instead of role by role
    #[arg(long)]
    shuffled: bool,
    /// Decide each thousand requests so often before the next: with more than once, a core's caches hold what they need
    #[arg(long, default_value_t = 1)]
    repeat: usize,
}

/// Requests that are timed together: half a millisecond, which a scheduler hardly ever interrupts.
const SLICE: usize = 1_000;

/// A line of the roles.
#[derive(Deserialize)]
struct Role<'l> {
    #[serde(borrow)]
    trust: &'l RawValue,
    #[serde(borrow)]
    inline: &'l RawValue,
}

/// A line of the requests.
#[derive(Deserialize)]
struct Line {
    principal: Who,
    action: String,
    resource: String,
    resource_account: String,
    context: std::collections::BTreeMap<String, String>,
    identity: Option<usize>,
    trust: Option<usize>,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "id")]
enum Who {
    #[serde(rename = "AWS")]
    Aws(String),
    Service(String),
    Federated(String),
}

/// A request, with the numbers of the roles that decide it.
struct Question {
    request: Request,
    identity: Option<usize>,
    trust: Option<usize>,
}

/// A role that is ready to decide.
struct Ready {
    trust: Arc<Policy>,
    inline: Arc<Policy>,
}

/// Loads, decides for some seconds, and prints a [`Report`].
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.seconds == 0 {
        drop(black_box(read(&options.roles, ready)?));
        return Ok(());
    }
    let questions = read(&options.requests, question)?;
    let start = Instant::now();
    let roles = read(&options.roles, ready)?;
    let load_seconds = start.elapsed().as_secs_f64();
    let mut asked: Vec<(Request, Layers)> =
        questions.into_iter().map(|question| question.with_layers(&roles)).collect();
    let decisions = asked.iter().map(|(request, layers)| letter(layers.decide(request).decision)).collect();
    if options.shuffled {
        fastrand::Rng::with_seed(1).shuffle(&mut asked);
    }
    let per_second = rate(&asked, options.repeat, Duration::from_secs(options.seconds));
    println!("{}", serde_json::to_string(&Report { load_seconds, per_second, decisions })?);
    Ok(())
}

/// What comes of each line of a file.
fn read<T>(path: &Path, mut convert: impl FnMut(&str) -> Result<T>) -> Result<Vec<T>> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (mut file, mut line, mut all) = (BufReader::new(file), String::new(), Vec::new());
    while file.read_line(&mut line)? > 0 {
        all.push(convert(&line)?);
        line.clear();
    }
    Ok(all)
}

fn ready(text: &str) -> Result<Ready> {
    let role: Role<'_> = serde_json::from_str(text)?;
    Ok(Ready {
        trust: Arc::new(Policy::parse("trust policy", role.trust.get(), Kind::Trust)?),
        inline: Arc::new(Policy::parse("inline policy", role.inline.get(), Kind::Identity)?),
    })
}

fn question(text: &str) -> Result<Question> {
    let line: Line = serde_json::from_str(text)?;
    let principal = match &line.principal {
        Who::Aws(arn) => Principal::aws(arn),
        Who::Service(name) => Principal::service(name),
        Who::Federated(provider) => Principal::federated(provider),
    };
    let context = line.context.into_iter().map(|(key, value)| (key, ContextValue::One(value)));
    let account = Some(line.resource_account.as_str());
    let request = Request::new(principal, &line.action, &line.resource, account, Context::complete(context));
    Ok(Question { request, identity: line.identity, trust: line.trust })
}

impl Question {
    fn with_layers(self, roles: &[Ready]) -> (Request, Layers) {
        let role = |number: Option<usize>| number.and_then(|number| roles.get(number));
        let identity = role(self.identity).map(|role| Arc::clone(&role.inline)).into_iter().collect();
        let trust = role(self.trust).map(|role| Arc::clone(&role.trust));
        (self.request, Layers { identity, trust, ..Layers::default() })
    }
}

/// Decides all requests over and over. Whatever else the machine does only slows a slice down: the fastest time of each, summed, is
/// what one whole core takes for all.
fn rate(asked: &[(Request, Layers)], repeat: usize, limit: Duration) -> f64 {
    let slices: Vec<_> = asked.chunks(SLICE).collect();
    let mut fastest = vec![Duration::MAX; slices.len()];
    let start = Instant::now();
    while start.elapsed() < limit {
        for (slice, fastest) in slices.iter().zip(&mut fastest) {
            for _ in 0..repeat {
                *fastest = once(slice).min(*fastest);
            }
        }
    }
    asked.len() as f64 / fastest.iter().sum::<Duration>().as_secs_f64()
}

fn once(slice: &[(Request, Layers)]) -> Duration {
    let began = Instant::now();
    for (request, layers) in slice {
        black_box(layers.decide(black_box(request)));
    }
    began.elapsed()
}

fn letter(decision: Decision) -> char {
    match decision {
        Decision::Allowed => 'A',
        Decision::ExplicitDeny => 'D',
        Decision::ImplicitDeny => 'I',
        Decision::Unknown => '?',
    }
}
