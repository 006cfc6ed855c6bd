//! Decides the input of `cargo xtask bench policies` with the crate `iam-rs`, and prints the same report as our engine.
//!
//! It knows one set of policies at a time: what identity and trust policy say together is put together here, and a trust policy,
//! which has no resource, is asked without one.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs,
    hint::black_box,
    time::{Duration, Instant},
};

use iam_rs::{
    Arn, Context, Decision, EvaluationOptions, IAMPolicy, IAMRequest, PolicyEvaluator, Principal, PrincipalId,
};
use serde::Deserialize;
use serde_json::{json, value::RawValue};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Requests that are timed together, as our own engine's.
const SLICE: usize = 1_000;
const LIMIT: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Role<'l> {
    #[serde(borrow)]
    trust: &'l RawValue,
    #[serde(borrow)]
    inline: &'l RawValue,
}

#[derive(Deserialize)]
struct Line {
    principal: Who,
    action: String,
    resource: String,
    context: BTreeMap<String, String>,
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

struct Ready {
    trust: PolicyEvaluator,
    inline: PolicyEvaluator,
}

/// A request with the policies that decide it.
struct Question<'r> {
    request: IAMRequest,
    policies: Vec<&'r PolicyEvaluator>,
}

fn main() -> Result<()> {
    let files: Vec<String> = env::args().skip(1).collect();
    let [roles, requests] = files.as_slice() else { return Err("usage: ROLES.jsonl REQUESTS.jsonl".into()) };
    let start = Instant::now();
    let roles = fs::read_to_string(roles)?.lines().map(ready).collect::<Result<Vec<_>>>()?;
    let load = start.elapsed().as_secs_f64();
    let questions = fs::read_to_string(requests)?;
    let questions = questions.lines().map(|line| question(line, &roles)).collect::<Result<Vec<_>>>()?;
    let seconds = fastest(&questions);
    let decisions: String = questions.iter().map(Question::decide).collect();
    println!("{}", json!({"loadSeconds": load, "perSecond": questions.len() as f64 / seconds, "decisions": decisions}));
    Ok(())
}

fn ready(line: &str) -> Result<Ready> {
    let role: Role<'_> = serde_json::from_str(line)?;
    let evaluator = |document: &RawValue| -> Result<PolicyEvaluator> {
        Ok(PolicyEvaluator::with_policies(vec![IAMPolicy::from_json(document.get())?]))
    };
    let without_resource = EvaluationOptions { ignore_resource_constraints: true, ..EvaluationOptions::default() };
    Ok(Ready { trust: evaluator(role.trust)?.with_options(without_resource), inline: evaluator(role.inline)? })
}

fn question<'r>(line: &str, roles: &'r [Ready]) -> Result<Question<'r>> {
    let line: Line = serde_json::from_str(line)?;
    let principal = match line.principal {
        Who::Aws(id) => Principal::Aws(PrincipalId::String(id)),
        Who::Service(id) => Principal::Service(PrincipalId::String(id)),
        Who::Federated(id) => Principal::Federated(PrincipalId::String(id)),
    };
    let context = line.context.into_iter().fold(Context::new(), |context, (key, value)| match value.as_str() {
        "true" | "false" => context.with_boolean(&key, value == "true"),
        _ => context.with_string(&key, &value),
    });
    // Its ARNs have six fields: `*` alone is none.
    let resource = if line.resource == "*" { "arn:aws:any:::any" } else { &line.resource };
    let request = IAMRequest::new_with_context(principal, line.action, Arn::parse(resource)?, context);
    let of_identity = line.identity.map(|number| &roles[number].inline);
    let of_trust = line.trust.map(|number| &roles[number].trust);
    Ok(Question { request, policies: of_identity.into_iter().chain(of_trust).collect() })
}

impl Question<'_> {
    /// Denied by any, or allowed by all.
    fn decide(&self) -> char {
        let mut all = 'A';
        for policies in &self.policies {
            match policies.evaluate(&self.request).map(|result| result.decision) {
                Ok(Decision::Deny) => return 'D',
                Ok(Decision::Allow) => {}
                Ok(Decision::NotApplicable) => all = 'I',
                Err(_) => return '?',
            }
        }
        all
    }
}

/// Seconds for all, as the sum of each slice's fastest time.
fn fastest(questions: &[Question<'_>]) -> f64 {
    let slices: Vec<_> = questions.chunks(SLICE).collect();
    let mut fastest = vec![Duration::MAX; slices.len()];
    let start = Instant::now();
    while start.elapsed() < LIMIT {
        for (slice, fastest) in slices.iter().zip(&mut fastest) {
            let began = Instant::now();
            for question in *slice {
                black_box(question.decide());
            }
            *fastest = began.elapsed().min(*fastest);
        }
    }
    fastest.iter().sum::<Duration>().as_secs_f64()
}
