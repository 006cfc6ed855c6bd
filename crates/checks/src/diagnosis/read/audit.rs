//! Events of an API server's audit log: what it refused, and to whom (`audit.k8s.io/v1`).

use facts::Place;
use serde_json::Value;

use crate::diagnosis::message::{Level, Message};

/// What it says, if the API server refused it.
pub(super) fn message(value: &Value, place: Place) -> Option<Message> {
    let at = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    let code = value.pointer("/responseStatus/code").and_then(Value::as_u64)?;
    if code < 400 {
        return None;
    }
    let said = at("/responseStatus/message").map(str::to_owned);
    let text = if code == 403 {
        said.clone().filter(|said| said.contains("is forbidden")).or_else(|| forbidden(value))
    } else {
        None
    };
    let text = text.or(said).unwrap_or_else(|| format!("the API server answered {code}"));
    let arn = value.pointer("/user/extra/canonicalArn/0").and_then(Value::as_str);
    // Arguments of objects that aren't there, conflicts and the like are no refusals.
    let level = if matches!(code, 401 | 403) { Level::Error } else { Level::Info };
    let message = Message::new(text, level, place)
        .with("user", at("/impersonatedUser/username").or_else(|| at("/user/username")))
        .with("caller-arn", arn)
        .with("name", at("/objectRef/name"));
    Some(message)
}

/// A refusal as the API server's own message has it (apiserver/pkg/endpoints/handlers/responsewriters/errors.go), of an event that
/// keeps the request alone.
fn forbidden(value: &Value) -> Option<String> {
    let at = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    let (user, verb) = (at("/user/username")?, at("/verb")?);
    let Some(resource) = at("/objectRef/resource") else {
        let path = at("/requestURI")?;
        let path = path.split('?').next().unwrap_or(path);
        return Some(format!("forbidden: User \"{user}\" cannot {verb} path \"{path}\""));
    };
    let whole = match at("/objectRef/subresource") {
        Some(subresource) => format!("{resource}/{subresource}"),
        None => resource.to_owned(),
    };
    let group = at("/objectRef/apiGroup").unwrap_or_default();
    let scope = match at("/objectRef/namespace").filter(|namespace| !namespace.is_empty()) {
        Some(namespace) => format!("in the namespace \"{namespace}\""),
        None => "at the cluster scope".to_owned(),
    };
    let of = if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") };
    let named = at("/objectRef/name").map(|name| format!(" \"{name}\"")).unwrap_or_default();
    Some(format!(
        "{of}{named} is forbidden: User \"{user}\" cannot {verb} resource \"{whole}\" in API group \"{group}\" {scope}"
    ))
}
