//! One line of many: a request with all its policies.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use iam::{Context, ContextValue, Kind, Layers, Policy, Principal, Request};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{answer::Answer, compiled::Compiled};

/// The fields of a line. One that isn't known is refused: a layer that is misspelt would not apply.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'l> {
    #[serde(borrow)]
    id: Option<&'l RawValue>,
    principal: Who<'l>,
    #[serde(borrow)]
    action: Cow<'l, str>,
    #[serde(borrow)]
    resource: Option<Cow<'l, str>>,
    #[serde(borrow)]
    resource_account: Option<Cow<'l, str>>,
    #[serde(default)]
    context: BTreeMap<String, Given>,
    #[serde(default)]
    open_context: bool,
    #[serde(borrow, default)]
    identity_policies: Vec<&'l RawValue>,
    #[serde(borrow)]
    permissions_boundary: Option<&'l RawValue>,
    #[serde(borrow, default)]
    session_policies: Vec<&'l RawValue>,
    #[serde(borrow)]
    resource_policy: Option<&'l RawValue>,
    #[serde(borrow)]
    trust_policy: Option<&'l RawValue>,
    #[serde(borrow, default)]
    scps: Vec<Vec<&'l RawValue>>,
    #[serde(borrow, default)]
    rcps: Vec<Vec<&'l RawValue>>,
    #[serde(borrow, default)]
    endpoint_policies: Vec<&'l RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Who<'l> {
    #[serde(rename = "type")]
    kind: WhoKind,
    #[serde(borrow, default)]
    id: Cow<'l, str>,
}

#[derive(Deserialize)]
enum WhoKind {
    #[serde(rename = "AWS")]
    Aws,
    Service,
    Federated,
    Anonymous,
}

/// A value of the context. Numbers and booleans are compared as their text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    /// First, since nearly all are: each kind that is tried in vain costs an error.
    Text(String),
    Many(Vec<Scalar>),
    One(Scalar),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Other(serde_json::Value),
}

/// What is said of a line that can't be used.
#[derive(Serialize)]
struct Refusal<'l> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'l RawValue>,
    error: String,
}

/// Only for the id of a line that is wrong otherwise.
#[derive(Deserialize)]
struct Id<'l> {
    #[serde(borrow)]
    id: Option<&'l RawValue>,
}

/// The answer to a line as JSON, and whether the line could be used.
pub(super) fn answer(text: &str, compiled: &Compiled, explain: bool) -> (String, bool) {
    let answered = serde_json::from_str::<Line<'_>>(text)
        .map_err(|error| error.to_string())
        .and_then(|line| line.answer(compiled, explain));
    answered.map_or_else(
        |error| {
            let id = serde_json::from_str::<Id<'_>>(text).ok().and_then(|line| line.id);
            (json(&Refusal { id, error }), false)
        },
        |answer| (answer, true),
    )
}

impl Line<'_> {
    fn answer(self, compiled: &Compiled, explain: bool) -> Result<String, String> {
        let one = |raw: Option<&RawValue>, default, kind| {
            raw.filter(|raw| raw.get() != "null")
                .map(|raw| compiled.policy(raw.get(), default, kind))
                .transpose()
        };
        let list = |raws: &[&RawValue], default, kind| -> Result<Vec<Arc<Policy>>, String> {
            raws.iter().map(|raw| compiled.policy(raw.get(), default, kind)).collect()
        };
        let levels = |levels: &[Vec<&RawValue>], default, kind| -> Result<Vec<_>, String> {
            levels.iter().map(|level| list(level, default, kind)).collect()
        };
        let layers = Layers {
            identity: list(&self.identity_policies, "identity policy", Kind::Identity)?,
            boundary: one(self.permissions_boundary, "permissions boundary", Kind::Identity)?,
            session: list(&self.session_policies, "session policy", Kind::Identity)?,
            resource: one(self.resource_policy, "resource policy", Kind::Resource)?,
            trust: one(self.trust_policy, "trust policy", Kind::Trust)?,
            scps: levels(&self.scps, "scp", Kind::ServiceControl)?,
            rcps: levels(&self.rcps, "rcp", Kind::ResourceControl)?,
            endpoint: list(&self.endpoint_policies, "endpoint policy", Kind::Endpoint)?,
        };
        let principal = match self.principal.kind {
            WhoKind::Aws => Principal::aws(&self.principal.id),
            WhoKind::Service => Principal::service(&self.principal.id),
            WhoKind::Federated => Principal::federated(&self.principal.id),
            WhoKind::Anonymous => Principal::anonymous(),
        };
        let keys = self.context.into_iter().map(|(key, value)| (key, value.into()));
        let context = if self.open_context { Context::open(keys) } else { Context::complete(keys) };
        let resource = self.resource.as_deref().unwrap_or("*");
        let request =
            Request::new(principal, &self.action, resource, self.resource_account.as_deref(), context);
        Ok(json(&Answer::new(self.id, &layers, &request, explain)))
    }
}

impl From<Given> for ContextValue {
    fn from(given: Given) -> Self {
        match given {
            Given::Text(text) => Self::One(text),
            Given::Many(values) => Self::Many(values.into_iter().map(Scalar::text).collect()),
            Given::One(value) => Self::One(value.text()),
        }
    }
}

impl Scalar {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Other(value) => value.to_string(),
        }
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
}
