//! The lists of what the evaluators decide otherwise than AWS documents, and what their entries share.

pub(super) mod iam_simulate;
pub(super) mod ministack;

use serde_json::{Map, Value, json};

use super::{
    arn,
    edit::{Becomes, base, texts},
    question::{Question, WhoKind},
    value::without_strangers,
};

const OPERATORS: &str = "IAM User Guide, IAM JSON policy elements: Condition operators";
const MULTIVALUED: &str = "IAM User Guide, Single-valued vs. multivalued context keys";
const VARIABLES: &str = "IAM User Guide, IAM policy elements: Variables and tags";
const ARNS: &str = "IAM User Guide, Identify AWS resources with Amazon Resource Names (ARNs)";

fn allow_all() -> Value {
    json!({
        "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }],
    })
}

/// The values of a key in the request.
fn values(question: &Question, key: &str) -> Vec<String> {
    question.value(key).map(texts).unwrap_or_default()
}

/// What is of another kind than the operator's never matches.
fn drop_strangers(question: &mut Question) {
    let context = question.clone();
    question.each_condition(|condition| without_strangers(condition, &values(&context, &condition.key)));
}

/// Keys with no value at all are absent.
fn drop_empty_lists(question: &mut Question) {
    question.context.retain(|_, value| *value != json!([]));
}

/// A key with one value has that value.
fn unwrap_lists_of_one(question: &mut Question) {
    for value in question.context.values_mut() {
        if let Some([one]) = value.as_array().map(Vec::as_slice) {
            *value = one.clone();
        }
    }
}

/// What is compared as a date, and of which some is written as `is_about` says, is another key of which all is written otherwise:
/// other operators may compare the same key as something else.
fn dates(question: &mut Question, is_about: fn(&str) -> bool, otherwise: fn(&str) -> String) {
    let context = question.clone();
    let mut copies = Map::new();
    question.each_statement(|place| {
        let Some(Value::Object(operators)) = place.statement.get_mut("Condition") else { return };
        for (_, keys) in operators.iter_mut().filter(|(operator, _)| base(operator).starts_with("date")) {
            let Some(keys) = keys.as_object_mut() else { continue };
            for (key, mut wanted) in std::mem::take(keys) {
                let given = values(&context, &key);
                if !given.iter().chain(&texts(&wanted)).any(|text| is_about(text)) {
                    keys.insert(key, wanted);
                    continue;
                }
                let copy = format!("oarlock:date/{key}");
                if let Some(mut given) = context.value(&key).cloned() {
                    each_text(&mut given, otherwise);
                    copies.insert(copy.clone(), given);
                }
                each_text(&mut wanted, otherwise);
                keys.insert(copy, wanted);
            }
        }
    });
    question.context.extend(copies);
}

fn each_text(value: &mut Value, change: fn(&str) -> String) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| each_text(value, change)),
        Value::String(text) => *text = change(text),
        _ => {}
    }
}

/// ARNs that end early are written in full.
fn complete_arns(question: &mut Question) {
    question.each_resource(|resources, _, _| {
        resources.iter_mut().for_each(|resource| *resource = arn::padded(resource));
        Becomes::Itself
    });
}

/// Boundary and session policies that allow all that they don't deny: they don't limit what a resource's policy of the same
/// account gives to the user or session itself.
fn open_limits(question: &mut Question) {
    let has_policy = question.resource_policy.is_some() || question.trust_policy.is_some();
    if !question.is_within_account() || !has_policy {
        return;
    }
    for policy in question.session_policies.iter_mut().chain(&mut question.permissions_boundary) {
        if let Some(Value::Array(statements)) = policy.get_mut("Statement") {
            statements.push(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }));
        }
    }
}

/// Whether somebody is a role of AWS's own in the account, or a session of one.
fn is_service_linked(question: &Question) -> bool {
    let id = &question.principal.id;
    question.principal.kind == WhoKind::Aws
        && (id.contains(":role/aws-service-role/") || id.contains(":assumed-role/AWSServiceRoleFor"))
}
