//! What is said of a request.

use std::fmt::Write as _;

use iam::{Decision, Effect, Explanation, Layers, Met, NearMiss, Request, StatementId, Trace};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{exit::Status, view::API_VERSION};

/// The answer to one request, as an object of its own: what `oarlock simulate … -o json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Simulation")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json<'l> {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    /// `Simulation`
    #[schemars(extend("const" = "Simulation"))]
    kind: &'static str,
    #[serde(flatten)]
    answer: &'l Answer<'l>,
}

/// The answer to one request.
#[derive(Serialize, JsonSchema)]
pub(super) struct Answer<'l> {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    id: Option<&'l RawValue>,
    /// `allowed`, `explicit-deny`, `implicit-deny` or `unknown`
    decision: &'static str,
    /// The statements that decided: those that grant, or those that deny.
    by: Vec<By>,
    /// The keys of the context on which it depends, in lower case, sorted.
    missing: Vec<String>,
    /// Of what nothing allows: each layer that would have to, with the statements that come nearest; with `--explain` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<Vec<Near>>,
    /// Every statement with how it takes the request; with `--explain` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<Vec<Step>>,
}

/// A statement of a policy.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DecidingStatement")]
struct By {
    /// The policy's name.
    policy: String,
    /// Its number in the policy, from 0.
    statement: usize,
    /// Its `Sid`; null if it has none.
    sid: Option<String>,
}

/// A layer that doesn't allow the request, and perhaps a statement of it that nearly does.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NearestStatement")]
struct Near {
    /// `identity`, `permissions-boundary`, `session`, `resource`, `trust`, `scp`, `rcp` or `endpoint`
    layer: &'static str,
    /// Of SCPs and RCPs the level, from 0, which is the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<usize>,
    /// The statement; left out where the layer has none that allows anything.
    #[serde(flatten)]
    statement: Option<By>,
    /// All elements of it that the request doesn't meet.
    failed: Vec<String>,
}

/// One statement with how it takes the request.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TracedStatement")]
struct Step {
    /// `identity`, `permissions-boundary`, `session`, `resource`, `trust`, `scp`, `rcp` or `endpoint`
    layer: &'static str,
    #[serde(flatten)]
    statement: By,
    /// `Allow` or `Deny`
    effect: &'static str,
    /// `met`, `not-met` or `unknown`
    result: &'static str,
    /// The element that the request doesn't meet.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
    /// The keys on which it depends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
}

impl<'l> Answer<'l> {
    pub(super) fn new(id: Option<&'l RawValue>, layers: &Layers, request: &Request, explain: bool) -> Self {
        let Explanation { decision, by, missing, nearest } = layers.explain(request);
        Self {
            id,
            decision: word(decision),
            by: by.into_iter().map(By::from).collect(),
            missing,
            nearest: explain.then(|| nearest.into_iter().map(Near::from).collect()),
            trace: explain.then(|| layers.trace(request).into_iter().map(Step::from).collect()),
        }
    }

    /// As an object of its own.
    pub(super) fn json(&self) -> Json<'_> {
        Json { api_version: API_VERSION, kind: "Simulation", answer: self }
    }

    /// How a run with this one request ends.
    pub(super) fn status(&self) -> Status {
        match self.decision {
            "allowed" => Status::Fine,
            "unknown" => Status::Undecided,
            _ => Status::Violated,
        }
    }

    /// For people.
    pub(super) fn table(&self) -> String {
        let mut text = format!("{}\n", self.decision);
        for by in &self.by {
            let _ = writeln!(text, "  by {by}");
        }
        if !self.missing.is_empty() {
            let _ = writeln!(text, "  depends on {}", self.missing.join(", "));
        }
        for near in self.nearest.iter().flatten() {
            let _ = writeln!(text, "  nearest in {near}");
        }
        for step in self.trace.iter().flatten() {
            let why = match (&step.failed, step.missing.is_empty()) {
                (Some(failed), _) => format!(": {failed}"),
                (None, false) => format!(": {}", step.missing.join(", ")),
                (None, true) => String::new(),
            };
            let _ = writeln!(
                text,
                "  {:<8} {:<21} {} {}{why}",
                step.result, step.layer, step.effect, step.statement
            );
        }
        text
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

impl From<StatementId> for By {
    fn from(StatementId { policy, statement, sid }: StatementId) -> Self {
        Self { policy, statement, sid }
    }
}

impl From<NearMiss> for Near {
    fn from(NearMiss { layer, level, statement, failed }: NearMiss) -> Self {
        let failed = failed.iter().map(ToString::to_string).collect();
        Self { layer: layer.as_str(), level, statement: statement.map(By::from), failed }
    }
}

impl From<Trace> for Step {
    fn from(Trace { layer, statement, effect, met }: Trace) -> Self {
        let (result, failed, missing) = match met {
            Met::Yes => ("met", None, Vec::new()),
            Met::No(failed) => ("not-met", Some(failed.to_string()), Vec::new()),
            Met::Unknown(keys) => ("unknown", None, keys),
        };
        let effect = match effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        Self { layer: layer.as_str(), statement: statement.into(), effect, result, failed, missing }
    }
}

impl std::fmt::Display for Near {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.layer)?;
        self.level.map_or(Ok(()), |level| write!(f, " level {level}"))?;
        match &self.statement {
            None => f.write_str(": no statement allows anything"),
            Some(statement) => write!(f, ": {statement}, but for {}", self.failed.join(", ")),
        }
    }
}

impl std::fmt::Display for By {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} statement {}", self.policy, self.statement)?;
        self.sid.as_ref().map_or(Ok(()), |sid| write!(f, " ({sid})"))
    }
}
