//! Policy documents as the JSON that IAM stores.

use std::collections::{BTreeMap, BTreeSet};

use iam::{Document, Principals, Statement};
use serde_json::{Map, Value, json};

/// `document` with its keys in the order in which people write them.
pub(super) fn document(document: &Document) -> Value {
    let statements: Vec<Value> = document.statements.iter().map(statement).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn statement(statement: &Statement) -> Value {
    let mut out = Map::new();
    if !statement.sid.is_empty() {
        out.insert("Sid".to_owned(), json!(statement.sid));
    }
    out.insert("Effect".to_owned(), json!(statement.effect));
    if let Some(principals) = &statement.principals {
        out.insert("Principal".to_owned(), principal(principals));
    }
    out.insert("Action".to_owned(), one_or_many(&statement.actions));
    if !statement.resources.is_empty() {
        out.insert("Resource".to_owned(), one_or_many(&statement.resources));
    }
    if !statement.conditions.is_empty() {
        out.insert("Condition".to_owned(), conditions(&statement.conditions));
    }
    Value::Object(out)
}

fn principal(principals: &Principals) -> Value {
    match principals {
        Principals::Aws(arns) => json!({"AWS": one_or_many(arns)}),
        Principals::Service(service) => json!({"Service": service}),
        Principals::Federated(provider) => json!({"Federated": provider}),
    }
}

fn conditions(operators: &BTreeMap<String, BTreeMap<String, BTreeSet<String>>>) -> Value {
    let keys = |keys: &BTreeMap<String, BTreeSet<String>>| {
        Value::Object(keys.iter().map(|(key, values)| (key.clone(), one_or_many(values))).collect())
    };
    Value::Object(operators.iter().map(|(operator, tests)| (operator.clone(), keys(tests))).collect())
}

/// IAM reads a string and a list of one alike, and prints the string.
fn one_or_many(values: &BTreeSet<String>) -> Value {
    let mut all = values.iter();
    match (all.next(), all.next()) {
        (Some(only), None) => json!(only),
        _ => json!(values),
    }
}
