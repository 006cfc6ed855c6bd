//! As much of JSON Schema (draft 2020-12) as our schemas use, and stricter: a field that no schema names is wrong, too.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Map, Value};

/// Annotations, and what the branches below look at themselves. Any other keyword would go unchecked, so it is refused.
const KNOWN: [&str; 19] = [
    "$schema",
    "$defs",
    "$ref",
    "title",
    "description",
    "format",
    "type",
    "const",
    "enum",
    "pattern",
    "minimum",
    "maximum",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "uniqueItems",
    "anyOf",
    "oneOf",
];

/// All that is wrong with an instance, each with its path.
pub(crate) fn problems(schema: &Value, instance: &Value) -> Vec<String> {
    let mut validator = Validator { root: schema, problems: Vec::new() };
    validator.check(schema, instance, "");
    validator.problems
}

struct Validator<'s> {
    root: &'s Value,
    problems: Vec<String>,
}

impl Validator<'_> {
    fn check(&mut self, schema: &Value, instance: &Value, path: &str) {
        let keywords = match schema {
            Value::Bool(true) => return,
            Value::Object(keywords) => keywords,
            other => panic!("{path}: `{other}` is no schema that is expected here"),
        };
        let unknown: Vec<_> = keywords.keys().filter(|key| !KNOWN.contains(&key.as_str())).collect();
        assert!(unknown.is_empty(), "{path}: keywords that the test doesn't check: {unknown:?}");
        let keywords = &self.with_reference(keywords);
        self.check_value(keywords, instance, path);
        self.check_alternatives(keywords, instance, path);
        match instance {
            Value::Object(fields) => self.check_object(keywords, fields, path),
            Value::Array(items) => self.check_array(keywords, items, path),
            Value::String(text) => self.check_pattern(keywords, text, path),
            _ => {}
        }
    }

    /// A schema with the one that it refers to. Both hold; a variant of a tagged enum has its tag beside the reference.
    fn with_reference(&self, own: &Map<String, Value>) -> Map<String, Value> {
        let Some(reference) = own.get("$ref").and_then(Value::as_str) else { return own.clone() };
        let target = self.root.pointer(reference.strip_prefix('#').unwrap()).unwrap();
        let mut both = self.with_reference(target.as_object().unwrap());
        for (keyword, value) in own {
            match (both.get_mut(keyword), value) {
                (Some(Value::Object(there)), Value::Object(own)) => there.extend(own.clone()),
                (Some(Value::Array(there)), Value::Array(own)) if keyword == "required" => {
                    there.extend(own.clone())
                }
                _ => drop(both.insert(keyword.clone(), value.clone())),
            }
        }
        both
    }

    fn check_value(&mut self, keywords: &Map<String, Value>, instance: &Value, path: &str) {
        let types = match keywords.get("type") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(several)) => several.iter().map(|one| one.as_str().unwrap()).collect(),
            _ => Vec::new(),
        };
        if !types.is_empty() && !types.iter().any(|name| is_of_type(instance, name)) {
            self.problem(path, format!("`{instance}` is not of type {types:?}"));
        }
        if keywords.get("const").is_some_and(|wanted| wanted != instance) {
            self.problem(path, format!("`{instance}` is not the constant"));
        }
        if keywords.get("enum").and_then(Value::as_array).is_some_and(|known| !known.contains(instance)) {
            self.problem(path, format!("`{instance}` is not among the values"));
        }
        let bound = |name| keywords.get(name).and_then(Value::as_f64);
        if let Some(number) = instance.as_f64()
            && (bound("minimum").is_some_and(|least| number < least)
                || bound("maximum").is_some_and(|most| number > most))
        {
            self.problem(path, format!("`{instance}` is out of bounds"));
        }
    }

    fn check_alternatives(&mut self, keywords: &Map<String, Value>, instance: &Value, path: &str) {
        for keyword in ["anyOf", "oneOf"] {
            let Some(schemas) = keywords.get(keyword).and_then(Value::as_array) else { continue };
            let tried: Vec<_> = schemas.iter().map(|schema| self.tried(schema, instance, path)).collect();
            let fitting = tried.iter().filter(|problems| problems.is_empty()).count();
            if fitting == 0 || (keyword == "oneOf" && fitting > 1) {
                let what = format!("fits {fitting} of {keyword}: {tried:?}");
                self.problem(path, what);
            }
        }
    }

    fn tried(&self, schema: &Value, instance: &Value, path: &str) -> Vec<String> {
        let mut validator = Validator { root: self.root, problems: Vec::new() };
        validator.check(schema, instance, path);
        validator.problems
    }

    fn check_object(&mut self, keywords: &Map<String, Value>, fields: &Map<String, Value>, path: &str) {
        let required = keywords.get("required").and_then(Value::as_array).into_iter().flatten();
        for name in required.filter(|name| !fields.contains_key(name.as_str().unwrap())) {
            self.problem(path, format!("lacks {name}"));
        }
        let properties = keywords.get("properties").and_then(Value::as_object);
        let others = keywords.get("additionalProperties");
        if properties.is_none() && others.is_none() {
            return;
        }
        for (name, value) in fields {
            let path = format!("{path}.{name}");
            match (properties.and_then(|known| known.get(name)), others) {
                (Some(schema), _) | (None, Some(schema @ Value::Object(_))) => {
                    self.check(schema, value, &path)
                }
                (None, _) => self.problem(&path, "is not in the schema".to_owned()),
            }
        }
    }

    fn check_array(&mut self, keywords: &Map<String, Value>, items: &[Value], path: &str) {
        if let Some(schema) = keywords.get("items") {
            for (index, item) in items.iter().enumerate() {
                self.check(schema, item, &format!("{path}[{index}]"));
            }
        }
        let distinct: BTreeSet<String> = items.iter().map(ToString::to_string).collect();
        if keywords.get("uniqueItems") == Some(&Value::Bool(true)) && distinct.len() != items.len() {
            self.problem(path, "has an item twice".to_owned());
        }
    }

    fn check_pattern(&mut self, keywords: &Map<String, Value>, text: &str, path: &str) {
        let pattern = keywords.get("pattern").and_then(Value::as_str);
        if pattern.is_some_and(|pattern| !Regex::new(pattern).unwrap().is_match(text)) {
            self.problem(path, format!("`{text}` doesn't match the pattern"));
        }
    }

    fn problem(&mut self, path: &str, what: String) {
        self.problems.push(format!("{path}: {what}"));
    }
}

fn is_of_type(instance: &Value, name: &str) -> bool {
    match name {
        "object" => instance.is_object(),
        "array" => instance.is_array(),
        "string" => instance.is_string(),
        "boolean" => instance.is_boolean(),
        "integer" => instance.is_i64() || instance.is_u64(),
        "number" => instance.is_number(),
        "null" => instance.is_null(),
        other => panic!("`{other}` is no type of JSON Schema"),
    }
}
