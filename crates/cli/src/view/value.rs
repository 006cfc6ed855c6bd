//! What changes in one field: only what differs, short enough to read.

use std::collections::BTreeSet;

use plan::Change;
use serde_json::Value;

/// How long a value may be before it is cut.
const LONGEST: usize = 110;
/// How many elements of a list are shown.
const ELEMENTS: usize = 8;

/// The lines of one change: `+` what comes, `-` what goes, `~` what becomes something else.
pub(super) fn change(change: &Change) -> String {
    let (from, to) = (change.from.as_ref().map(parsed), change.to.as_ref().map(parsed));
    lines(&change.field, from.as_ref(), to.as_ref()).iter().map(|line| format!("        {line}\n")).collect()
}

fn lines(field: &str, from: Option<&Value>, to: Option<&Value>) -> Vec<String> {
    match (from, to) {
        (None, Some(to)) => vec![format!("+ {field}: {}", short(to))],
        (Some(from), None) => vec![format!("- {field}: {}", short(from))],
        (Some(Value::Object(from)), Some(Value::Object(to))) => {
            let keys: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
            let changed = keys.into_iter().filter(|key| from.get(*key) != to.get(*key));
            changed.flat_map(|key| lines(&format!("{field}.{key}"), from.get(key), to.get(key))).collect()
        }
        (Some(Value::Array(from)), Some(Value::Array(to))) => elements(field, from, to),
        (Some(from), Some(to)) => vec![format!("~ {field}: {} -> {}", short(from), short(to))],
        (None, None) => Vec::new(),
    }
}

/// Lists are shown by the elements that come and go.
fn elements(field: &str, from: &[Value], to: &[Value]) -> Vec<String> {
    let gone = from.iter().filter(|value| !to.contains(value)).map(|value| ("-", value));
    let new = to.iter().filter(|value| !from.contains(value)).map(|value| ("+", value));
    let all: Vec<_> = gone.chain(new).collect();
    if all.is_empty() {
        return vec![format!("~ {field}: the same in another order")];
    }
    let shown = all.iter().take(ELEMENTS).map(|(sign, value)| format!("  {sign} {}", short(value)));
    let mut lines: Vec<String> = std::iter::once(format!("~ {field}:")).chain(shown).collect();
    if all.len() > ELEMENTS {
        lines.push(format!("  … and {} more", all.len() - ELEMENTS));
    }
    lines
}

/// JSON in a string, as policies and Secrets hold it, is shown as what it is.
fn parsed(value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with(['{', '[']) => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        Value::Array(items) => Value::Array(items.iter().map(parsed).collect()),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(key, value)| (key.clone(), parsed(value))).collect())
        }
        other => other.clone(),
    }
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let length = text.chars().count();
    if length <= LONGEST {
        return text;
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("{cut}… ({length} characters)")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(from: &Value, to: &Value) -> String {
        change(&Change { field: "field".to_owned(), from: Some(from.clone()), to: Some(to.clone()) })
    }

    #[test]
    fn shows_only_the_elements_that_come_and_go() {
        let text = shown(&json!(["a", "b"]), &json!(["b", "c"]));
        assert_eq!(text, "        ~ field:\n          - a\n          + c\n");
    }

    #[test]
    fn looks_into_policies_that_are_strings() {
        let text = shown(&json!(r#"{"Version":"1","Same":1}"#), &json!(r#"{"Same":1,"Version":"2"}"#));
        assert_eq!(text, "        ~ field.Version: 1 -> 2\n");
    }

    #[test]
    fn cuts_what_nobody_reads() {
        let text = shown(&json!("x".repeat(500)), &json!("y"));
        assert!(text.contains("… (500 characters) -> y\n"), "{text}");
        assert!(text.len() < 200);
    }

    #[test]
    fn says_when_only_the_order_differs() {
        assert!(shown(&json!([1, 2]), &json!([2, 1])).contains("another order"));
    }
}
