//! Field by field: what of the desired value the current one lacks or has otherwise.

use serde_json::Value;

use crate::Change;

/// The fields of `wanted` that differ in `current`. Fields that only `current` has belong to somebody else, but for
/// those below a top-level field of `strict`: there they are to go.
pub(super) fn changes(current: &Value, wanted: &Value, strict: &[&str]) -> Vec<Change> {
    let mut changes = Vec::new();
    let (strictly, loosely): (Vec<_>, Vec<_>) =
        wanted.as_object().into_iter().flatten().partition(|(key, _)| strict.contains(&key.as_str()));
    for (key, wanted) in loosely {
        collect(key, current.get(key), wanted, &mut changes);
    }
    for (key, wanted) in &strictly {
        collect_all(key, current.get(*key), Some(wanted), &mut changes);
    }
    for key in strict.iter().filter(|key| wanted.get(**key).is_none()) {
        collect_all(key, current.get(*key), None, &mut changes);
    }
    changes
}

/// Every field that either side has.
fn collect_all(path: &str, current: Option<&Value>, wanted: Option<&Value>, changes: &mut Vec<Change>) {
    let fields = |value: Option<&'_ Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let (current, wanted) = (current.filter(|v| !v.is_null()), wanted.filter(|v| !v.is_null()));
    if !current.or(wanted).is_some_and(Value::is_object) || !wanted.or(current).is_some_and(Value::is_object)
    {
        if current != wanted {
            let (from, to) = (current.cloned(), wanted.cloned());
            changes.push(Change { field: path.to_owned(), from, to });
        }
        return;
    }
    let (there, then) = (fields(current), fields(wanted));
    let gone = there.keys().filter(|key| !then.contains_key(*key));
    for key in then.keys().chain(gone) {
        collect_all(&format!("{path}.{key}"), there.get(key), then.get(key), changes);
    }
}

fn collect(path: &str, current: Option<&Value>, wanted: &Value, changes: &mut Vec<Change>) {
    if let Value::Object(fields) = wanted {
        // An object that isn't there at all is shown field by field, too: that is what people compare.
        let current = current.and_then(Value::as_object);
        for (key, wanted) in fields {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            collect(&path, current.and_then(|fields| fields.get(key)), wanted, changes);
        }
        return;
    }
    let is_same = current.map_or(wanted.is_null(), |current| current == wanted);
    if !is_same {
        let to = (!wanted.is_null()).then(|| wanted.clone());
        changes.push(Change { field: path.to_owned(), from: current.cloned(), to });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_fields_that_are_wanted_are_compared() {
        let current = json!({"a": 1, "b": {"x": 1, "y": 2}, "c": 3});
        assert_eq!(changes(&current, &json!({"a": 1, "b": {"x": 1}}), &[]), []);
    }

    #[test]
    fn a_change_names_its_path_and_both_values() {
        let change = Change { field: "b.x".to_owned(), from: Some(json!(1)), to: Some(json!([2])) };
        assert_eq!(changes(&json!({"b": {"x": 1}}), &json!({"b": {"x": [2]}}), &[]), [change]);
    }

    #[test]
    fn null_means_that_a_field_goes() {
        let change = Change { field: "a".to_owned(), from: Some(json!(1)), to: None };
        assert_eq!(changes(&json!({"a": 1}), &json!({"a": null}), &[]), [change]);
        assert_eq!(changes(&json!({}), &json!({"a": null}), &[]), []);
    }

    #[test]
    fn below_a_strict_field_what_nobody_wants_goes() {
        let current = json!({"data": {"a": {"x": 1, "y": 2}, "b": 3}, "other": 4});
        let seen = changes(&current, &json!({"data": {"a": {"x": 1}}}), &["data", "rules"]);
        let gone = |field: &str, from: Value| Change { field: field.to_owned(), from: Some(from), to: None };
        assert_eq!(seen, [gone("data.a.y", json!(2)), gone("data.b", json!(3))]);
        let rules = json!({"rules": [1]});
        assert_eq!(changes(&rules, &json!({}), &["data", "rules"]), [gone("rules", json!([1]))]);
    }
}
