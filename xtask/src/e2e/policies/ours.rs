//! Our answer to a question.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use iam::{Context, ContextValue, Decision, Kind, Layers, Parsed, Policy, Principal, Request};
use serde_json::Value;

use super::question::{Question, WhoKind};

/// What `crates/iam` decides.
pub(super) fn decide(question: &Question) -> Result<Decision> {
    Ok(layers(question)?.decide(&request(question)).decision)
}

fn request(question: &Question) -> Request {
    let id = &question.principal.id;
    let principal = match question.principal.kind {
        WhoKind::Aws => Principal::aws(id),
        WhoKind::Service => Principal::service(id),
        WhoKind::Federated => Principal::federated(id),
        WhoKind::Anonymous => Principal::anonymous(),
    };
    let keys = question.context.iter().map(|(key, value)| (key.clone(), values(value)));
    let account = question.resource_account.as_deref();
    Request::new(principal, &question.action, &question.resource, account, Context::complete(keys))
}

fn values(value: &Value) -> ContextValue {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match value {
        Value::Array(values) => ContextValue::Many(values.iter().map(text).collect()),
        one => ContextValue::One(text(one)),
    }
}

fn layers(question: &Question) -> Result<Layers> {
    let levels =
        |levels: &[Vec<Value>], kind| levels.iter().map(|level| all(level, kind)).collect::<Result<_>>();
    let one = |policy: &Option<Value>, kind| policy.as_ref().map(|policy| compiled(policy, kind)).transpose();
    Ok(Layers {
        identity: all(&question.identity_policies, Kind::Identity)?,
        session: all(&question.session_policies, Kind::Identity)?,
        boundary: one(&question.permissions_boundary, Kind::Identity)?,
        resource: one(&question.resource_policy, Kind::Resource)?,
        trust: one(&question.trust_policy, Kind::Trust)?,
        scps: levels(&question.scps, Kind::ServiceControl)?,
        rcps: levels(&question.rcps, Kind::ResourceControl)?,
        endpoint: all(&question.endpoint_policies, Kind::Endpoint)?,
    })
}

fn all(policies: &[Value], kind: Kind) -> Result<Vec<Arc<Policy>>> {
    policies.iter().map(|policy| compiled(policy, kind)).collect()
}

/// A document that AWS would refuse is a mistake of the generator's, or of ours.
fn compiled(policy: &Value, kind: Kind) -> Result<Arc<Policy>> {
    let document = Parsed::of_json(policy, kind).legal().with_context(|| format!("{policy}"))?;
    Ok(Arc::new(Policy::new("policy", &document)))
}
