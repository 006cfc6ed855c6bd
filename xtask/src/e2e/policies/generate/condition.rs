//! Conditions.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::{
    context::{KEYS, Key, Sort, case},
    list, pick,
    text::{Reading, arn_near, near},
};
use crate::e2e::policies::{edit::texts, question::Question};

const TEXT: [&str; 6] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
];
const NUMBER: [&str; 6] = [
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
];
const DATE: [&str; 6] = [
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
];
const ARN: [&str; 4] = ["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"];
const ADDRESS: [&str; 2] = ["IpAddress", "NotIpAddress"];

const RANGES: [&str; 11] = [
    "10.0.0.0/8",
    "10.1.2.3",
    "10.1.2.3/8",
    "10.1.2.3/32",
    "192.0.2.0/24",
    "0.0.0.0/0",
    "::/0",
    "2001:db8::/32",
    "2001:db8::1",
    "2001:DB8:0:0:0:0:0:1/128",
    "somewhere",
];

/// The conditions of a statement.
pub(super) fn conditions(rng: &mut Rng, about: &Question, has_variables: bool) -> Map<String, Value> {
    let mut conditions = Map::new();
    let count = pick(rng, &[1, 1, 1, 2, 2, 3]);
    for _ in 0..count {
        let Some(key) = rng.choice(KEYS) else { break };
        let operator = operator(rng, key.sort);
        let values = values(rng, key, operator, about, has_variables);
        let operator = dressed(rng, operator, key.sort);
        let entry = conditions.entry(operator).or_insert_with(|| json!({}));
        if let Some(keys) = entry.as_object_mut()
            && !keys.keys().any(|other| other.eq_ignore_ascii_case(key.name))
        {
            keys.insert(case(rng, key.name), values);
        }
    }
    conditions
}

/// Mostly one of those that are for such values.
fn operator(rng: &mut Rng, sort: Sort) -> &'static str {
    if rng.u8(..10) == 0 {
        return "Null";
    }
    let sort = if rng.u8(..10) == 0 { pick_sort(rng) } else { sort };
    match sort {
        Sort::Text | Sort::Texts => pick(rng, &TEXT),
        Sort::Arn => pick(rng, &ARN),
        Sort::Number => pick(rng, &NUMBER),
        Sort::Date => pick(rng, &DATE),
        Sort::Bool => "Bool",
        Sort::Address => pick(rng, &ADDRESS),
        Sort::Binary => "BinaryEquals",
    }
}

/// One that may be used on any key: ARNs are compared with ARNs only.
fn pick_sort(rng: &mut Rng) -> Sort {
    let sorts = [Sort::Text, Sort::Number, Sort::Date, Sort::Bool, Sort::Address, Sort::Binary];
    rng.choice(sorts).unwrap_or(Sort::Text)
}

/// With what stands before and behind an operator.
fn dressed(rng: &mut Rng, operator: &str, sort: Sort) -> String {
    if operator == "Null" {
        return operator.to_owned();
    }
    let prefix = match rng.u8(..if sort == Sort::Texts { 5 } else { 16 }) {
        0 | 1 => "ForAllValues:",
        2 | 3 => "ForAnyValue:",
        _ => "",
    };
    let suffix = if rng.u8(..4) == 0 { "IfExists" } else { "" };
    format!("{prefix}{operator}{suffix}")
}

fn values(rng: &mut Rng, key: &Key, operator: &str, about: &Question, has_variables: bool) -> Value {
    let given = about.value(key.name).map(texts).unwrap_or_default();
    let values = list(rng, 1..4, |rng| {
        let any = if rng.u8(..4) == 0 { None } else { rng.choice(&given).cloned() };
        let text = any.unwrap_or_else(|| pick(rng, key.values).to_owned());
        value(rng, operator, &text, about, has_variables)
    });
    match values.as_slice() {
        [one] if rng.bool() => json!(one),
        several => json!(several),
    }
}

fn value(rng: &mut Rng, operator: &str, text: &str, about: &Question, has_variables: bool) -> String {
    match operator {
        "Null" => pick(rng, &["true", "false", "TRUE"]).to_owned(),
        "Bool" => pick(rng, &["true", "false", "True", text]).to_owned(),
        "IpAddress" | "NotIpAddress" => pick(rng, &RANGES).to_owned(),
        _ if ARN.contains(&operator) => arn_near(rng, text, about, has_variables),
        _ if TEXT.contains(&operator) => {
            let reading = Reading { wildcards: operator.ends_with("Like"), variables: has_variables };
            near(rng, text, about, reading)
        }
        _ => text.to_owned(),
    }
}
