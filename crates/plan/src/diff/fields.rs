//! Field by field: what of the desired value the current one lacks or has otherwise.

use serde_json::Value;

use crate::Change;

/// The fields of `wanted` that differ in `current`. Fields that only `current` has aren't looked at: whoever builds the
/// two values puts into both what is to be compared.
pub(super) fn changes(current: &Value, wanted: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    collect("", Some(current), wanted, &mut changes);
    changes
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
        assert_eq!(changes(&current, &json!({"a": 1, "b": {"x": 1}})), []);
    }

    #[test]
    fn a_change_names_its_path_and_both_values() {
        let change = Change { field: "b.x".to_owned(), from: Some(json!(1)), to: Some(json!([2])) };
        assert_eq!(changes(&json!({"b": {"x": 1}}), &json!({"b": {"x": [2]}})), [change]);
    }

    #[test]
    fn null_means_that_a_field_goes() {
        let change = Change { field: "a".to_owned(), from: Some(json!(1)), to: None };
        assert_eq!(changes(&json!({"a": 1}), &json!({"a": null})), [change]);
        assert_eq!(changes(&json!({}), &json!({"a": null})), []);
    }
}
