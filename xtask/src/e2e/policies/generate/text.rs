//! Texts and ARNs near to others.

use fastrand::Rng;

use super::{context::KEYS, pick};
use crate::e2e::policies::{arn, question::Question, variable::plain};

/// How a text will be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) wildcards: bool,
    /// Whether there are variables; else `${…}` is text.
    pub(super) variables: bool,
}

/// A text that means this one, or hardly doesn't.
pub(super) fn near(rng: &mut Rng, text: &str, about: &Question, reading: Reading) -> String {
    let (start, end) = (cut(rng, text), cut(rng, text));
    let before = |at: usize| text.get(..at).unwrap_or_default();
    let after = |at: usize| text.get(at..).unwrap_or_default();
    match rng.u8(..24) {
        0 => "*".to_owned(),
        1 | 2 => format!("{}*", before(start)),
        3 => format!("*{}", after(start)),
        4 | 5 => format!("{}*{}", before(start.min(end)), after(start.max(end))),
        6 | 7 => question_mark(text, start),
        8 => swapped_case(text),
        9..=11 => variable(rng, text, about, reading),
        12 if reading.variables => default(rng, before(start), after(start), about),
        13 if reading.variables => format!("{text}${{aws:PrincipalTag/nothing}}"),
        14 => format!("{text}${{aws:username}}"),
        15 => format!("{text}x"),
        _ if reading.variables && reading.wildcards && rng.bool() => plain(text),
        _ if reading.variables && rng.u8(..4) == 0 => plain(text),
        _ => text.to_owned(),
    }
}

/// A pattern of this ARN, or of hardly another one. What kind of resource it is, stays.
pub(super) fn arn_near(rng: &mut Rng, arn: &str, about: &Question, has_variables: bool) -> String {
    let reading = Reading { wildcards: true, variables: has_variables };
    let fields = arn::fields(arn);
    let [_, partition, service, region, account, name] = *fields.as_slice() else { return "*".to_owned() };
    let is_bucket = service == "s3";
    let split = if is_bucket { None } else { name.find(['/', ':']) };
    let (kind, id) = name.split_at(split.map_or(0, |at| at + 1));
    let id =
        if kind.is_empty() || rng.u8(..12) != 0 { near(rng, id, about, reading) } else { "*".to_owned() };
    let id = if is_bucket { id } else { id_without_kind(kind, id) };
    format!(
        "arn:{}:{}:{}:{}:{id}",
        field(rng, partition, "aw?"),
        field(rng, service, service),
        field(rng, region, "us-*-1"),
        account_field(rng, account, has_variables),
    )
}

/// A wildcard before a separator would stand in what kind of resource it is.
fn id_without_kind(kind: &str, id: String) -> String {
    let is_kind = kind.is_empty() && id.contains(['/', ':']) && !id.contains("${");
    if is_kind { "*".to_owned() } else { format!("{kind}{id}") }
}

fn field(rng: &mut Rng, field: &str, pattern: &str) -> String {
    match rng.u8(..16) {
        0..=2 => "*".to_owned(),
        3 => pattern.to_owned(),
        4 if !field.is_empty() => question_mark(field, 0),
        5 if rng.bool() => format!("{field}x"),
        _ => field.to_owned(),
    }
}

fn account_field(rng: &mut Rng, account: &str, has_variables: bool) -> String {
    match rng.u8(..12) {
        0 if has_variables => "${aws:PrincipalAccount}".to_owned(),
        1 if has_variables => "${aws:ResourceAccount}".to_owned(),
        2 if has_variables => format!("${{aws:PrincipalTag/account, '{account}'}}"),
        _ => field(rng, account, "1111*"),
    }
}

/// Part of the text as the variable that has it for its value; where there is none, any.
fn variable(rng: &mut Rng, text: &str, about: &Question, reading: Reading) -> String {
    let fitting: Vec<(&String, &str)> = about
        .context
        .iter()
        .filter_map(|(key, value)| Some((key, value.as_str()?)))
        .filter(|(_, value)| text.contains(value) && !value.contains(':'))
        .collect();
    match rng.choice(&fitting) {
        Some((key, value)) => {
            let (before, after) = text.split_once(value).unwrap_or((text, ""));
            let part = |text: &str| if reading.wildcards { plain(text) } else { text.to_owned() };
            format!("{}${{{}}}{}", part(before), super::context::case(rng, key), part(after))
        }
        None => format!("${{{}}}", rng.choice(KEYS).map_or("aws:username", |key| key.name)),
    }
}

/// The end of the text as a default.
fn default(rng: &mut Rng, before: &str, after: &str, about: &Question) -> String {
    let keys: Vec<&str> = KEYS
        .iter()
        .map(|key| key.name)
        .filter(|key| about.value(key).is_none_or(|value| value.is_string()))
        .collect();
    let key = if rng.bool() { "aws:PrincipalTag/nothing" } else { pick(rng, &keys) };
    format!("{before}${{{key}, '{after}'}}")
}

fn question_mark(text: &str, at: usize) -> String {
    let mut rest = text.get(at..).unwrap_or_default().chars();
    rest.next();
    format!("{}?{}", text.get(..at).unwrap_or_default(), rest.as_str())
}

fn swapped_case(text: &str) -> String {
    let swap = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(swap).collect()
}

/// Where a text may be cut.
fn cut(rng: &mut Rng, text: &str) -> usize {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    pick(rng, &places)
}
