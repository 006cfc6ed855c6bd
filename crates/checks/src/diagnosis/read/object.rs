//! A JSON or YAML value: whatever has an error text in it.

use facts::Place;
use serde_json::Value;

use super::{audit, cloudtrail, line};
use crate::diagnosis::{
    message::{Level, Message},
    pattern::Parts,
};

/// Adds the messages of a value. Lists of any kind are their items.
pub(super) fn add(value: &Value, place: &Place, messages: &mut Vec<Message>) {
    for list in ["items", "Records", "Events", "events"] {
        if let Some(Value::Array(items)) = value.get(list) {
            return items.iter().for_each(|item| add(item, place, messages));
        }
    }
    if let Value::Array(items) = value {
        return items.iter().for_each(|item| add(item, place, messages));
    }
    if let Some(event) = cloudtrail::looked_up(value) {
        return add(&event, place, messages);
    }
    let word = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let (version, kind) = (word("apiVersion"), word("kind"));
    if cloudtrail::is_one(value) {
        messages.extend(cloudtrail::message(value, place.clone()));
    } else if version.starts_with("audit.k8s.io/") {
        messages.extend(audit::message(value, place.clone()));
    } else if version.starts_with("argoproj.io/") && matches!(kind, "Application" | "ApplicationSet")
        || is_application(value)
    {
        add_application(value, place, messages);
    } else if kind == "Event" {
        let level = if word("type") == "Normal" { Level::Info } else { Level::Error };
        messages.push(Message::new(word("message"), level, place.clone()));
    } else if kind == "Status" && word("status") == "Failure" {
        messages.push(Message::new(word("message"), Level::Error, place.clone()));
    } else {
        add_log(value, place, messages);
    }
}

/// `argocd app get -o json` leaves out version and kind.
fn is_application(value: &Value) -> bool {
    value.pointer("/spec/destination").is_some() && value.pointer("/status").is_some()
}

/// What an Application says of itself: its conditions, its last operation, each resource of that.
fn add_application(value: &Value, place: &Place, messages: &mut Vec<Message>) {
    let at = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    let list = |pointer: &str| value.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    let message = |text: &str, level| {
        Message::new(text, level, place.clone())
            .with("application", at("/metadata/name"))
            .with("project", at("/spec/project"))
            .with("server", at("/spec/destination/server"))
            .with("cluster", at("/spec/destination/name"))
            .with("destination", at("/spec/destination/namespace"))
    };
    let text = |item: &Value| item.get("message").and_then(Value::as_str).map(str::to_owned);
    for condition in list("/status/conditions") {
        let kind = condition.get("type").and_then(Value::as_str).unwrap_or_default();
        let level = if kind.ends_with("Error") { Level::Error } else { Level::Info };
        messages.extend(text(condition).map(|text| message(&text, level)));
    }
    let failed = |phase: Option<&str>| {
        if matches!(phase, Some("Failed" | "Error")) { Level::Error } else { Level::Info }
    };
    let whole = at("/status/operationState/message");
    let results: Vec<&Value> = list("/status/operationState/syncResult/resources").collect();
    for result in &results {
        let phase = result.get("status").or_else(|| result.get("hookPhase")).and_then(Value::as_str);
        let level = if phase == Some("SyncFailed") { Level::Error } else { failed(phase) };
        messages.extend(text(result).map(|text| message(&text, level)));
    }
    // The operation's own message repeats those of its resources.
    if let Some(whole) = whole.filter(|whole| !is_summary(whole, &results)) {
        messages.push(message(whole, failed(at("/status/operationState/phase"))));
    }
    messages.extend(at("/status/health/message").map(|text| message(text, Level::Info)));
}

fn is_summary(whole: &str, results: &[&Value]) -> bool {
    whole.starts_with("one or more ") && results.iter().any(|result| result.get("message").is_some())
}

/// A log line in JSON; collectors put the line that they collected into a field.
fn add_log(value: &Value, place: &Place, messages: &mut Vec<Message>) {
    let first = messages.len();
    match value.get("log").and_then(Value::as_str) {
        Some(collected) => line::add(collected, place.clone(), messages),
        None => {
            let text = |own: &Value| match own {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            };
            let own = value.as_object().into_iter().flatten();
            let fields: Parts = own.filter_map(|(key, own)| Some((key.clone(), text(own)?))).collect();
            messages.extend(line::of_fields(&fields, place.clone()));
        }
    }
    let container =
        value.pointer("/kubernetes/container_name").or_else(|| value.pointer("/kubernetes/pod_name"));
    let component = container.and_then(Value::as_str).and_then(line::component);
    for message in messages.iter_mut().skip(first) {
        if let Some(component) = component {
            message.context.entry("component".to_owned()).or_insert_with(|| component.to_owned());
        }
    }
}
