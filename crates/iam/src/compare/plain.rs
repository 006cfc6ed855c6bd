//! A request that meets a statement, put together from what the statement itself lists. Most statements can be met so, and then nothing has
//! to be searched; where this one doesn't meet it, another may.

use std::collections::BTreeMap;

use super::{principals, search::HOLDER};
use crate::{
    Context, ContextValue, Element, Principal, Request, Statement, Values, Version,
    catalogue::{self, ValueType},
    condition::Condition,
    statement::Compiled,
    tri::Tri,
};

/// Values for keys that are compared as numbers and instants: before and after whatever policies write.
const EXTREMES: [&str; 5] = ["x", "0", "999999999999", "1970-01-01T00:00:00Z", "9000-01-01T00:00:00Z"];

/// Whether the engine says of such a request that the statement is certainly about it.
pub(super) fn is_met(statement: &Statement, version: Version) -> bool {
    let compiled = Compiled::new(statement, version);
    let met = || {
        let keys = keys(statement, version)?;
        let principal = principal(&compiled)?;
        let action = listed(Some(&statement.actions), "s3:GetObject");
        let resource = listed(statement.resources.as_ref(), "*");
        if !is_action(&action) || !is_resource(&resource) {
            return None;
        }
        let request = Request::new(principal, &action, &resource, None, Context::complete(keys));
        Some(compiled.meets(&request, false).is == Tri::Yes)
    };
    met() == Some(true)
}

/// Whether a request can be for it, as the search has it ([`texts::action`](crate::classes::texts::action)).
fn is_action(text: &str) -> bool {
    let mut parts = text.split(':');
    parts.by_ref().take(2).filter(|part| !part.is_empty()).count() == 2 && parts.next().is_none()
}

/// Whether a request can be on it, likewise.
fn is_resource(text: &str) -> bool {
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    text == "*"
        || matches!(*fields, ["arn", partition, service, _, _, of] if ![partition, service, of].contains(&""))
}

/// One whom it is about.
fn principal(statement: &Compiled) -> Option<Principal> {
    let Some(set) = statement.principals() else { return Some(Principal::aws(HOLDER)) };
    let all = principals::samples(&[&**set.listed()]);
    all.into_iter().find(|principal| statement.named(principal, false).is == Tri::Yes)
}

/// The first of what is listed, with letters in the place of wildcards; where all is meant, or all others, what people know.
fn listed(element: Option<&Element<Values>>, familiar: &str) -> String {
    let first = element.and_then(Element::only).and_then(|values| values.first());
    match first.map(String::as_str) {
        None | Some("*" | "*:*") => familiar.to_owned(),
        Some(pattern) => filled(pattern),
    }
}

fn filled(pattern: &str) -> String {
    pattern.replace(['*', '?'], "x")
}

/// A value of each key that is right for all conditions on it, or none where it may be absent; nothing if no such value is at hand.
fn keys(statement: &Statement, version: Version) -> Option<Vec<(String, ContextValue)>> {
    let mut by_key: BTreeMap<String, (Vec<Condition>, Vec<&Values>)> = BTreeMap::new();
    for (operator, keys) in &statement.conditions {
        for (key, values) in keys {
            let (conditions, compared) = by_key.entry(key.to_lowercase()).or_default();
            conditions.push(Condition::new(operator, key, values, version)?);
            compared.push(values);
        }
    }
    let mut chosen = Vec::new();
    for (key, (conditions, compared)) in by_key {
        let right =
            |context: &Context| conditions.iter().all(|condition| condition.holds(context) == Tri::Yes);
        if right(&Context::default()) {
            continue;
        }
        let with = |value: &String| (key.clone(), ContextValue::One(value.clone()));
        let mut values = candidates(&key, &compared);
        let value = values.find(|value| right(&Context::complete([with(value)])))?;
        chosen.push(with(&value));
    }
    Some(chosen)
}

/// Of each condition's first value what it is, what it may match, and the first address of its range. Of a key that AWS says to be true or
/// false, these.
fn candidates(key: &str, compared: &[&Values]) -> impl Iterator<Item = String> {
    let is_bool = catalogue::condition_key(key).is_some_and(|of| of.values == ValueType::Bool);
    let firsts = compared.iter().filter_map(|values| values.first()).filter(move |_| !is_bool);
    let own = firsts.flat_map(|value| {
        let address = value.split_once('/').map(|(address, _)| address.to_owned());
        [value.clone(), filled(value)].into_iter().chain(address)
    });
    let others: &[&str] = if is_bool { &["true", "false"] } else { &EXTREMES };
    own.chain(others.iter().map(|value| (*value).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Parsed};

    fn met(statement: &str) -> bool {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
        let document = Parsed::of_text(&text, Kind::Resource).document;
        is_met(&document.statements[0], document.version)
    }

    #[test]
    fn what_platforms_write_is_met_without_a_search() {
        for condition in [
            r#""StringEquals": {"aws:SourceAccount": "111122223333"}, "ArnEquals": {"aws:SourceArn": "arn:aws:eks:eu-west-1:111122223333:cluster/a"}"#,
            r#""StringLike": {"s3:prefix": ["2025/*", "incoming/*"]}"#,
            r#""IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}"#,
            r#""DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}"#,
            r#""DateGreaterThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}, "NumericLessThan": {"s3:max-keys": "10"}"#,
            r#""Bool": {"aws:SecureTransport": "false"}"#,
            r#""StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}"#,
            r#""StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorgid"}"#,
            r#""Null": {"aws:TagKeys": "false"}, "ForAllValues:StringEquals": {"aws:TagKeys": "team"}"#,
        ] {
            let rest =
                format!(r#""Effect": "Allow", "Principal": {{"AWS": "*"}}, "Condition": {{{condition}}}"#);
            for about in [
                r#""Action": ["s3:Get*", "s3:PutObject"], "Resource": "arn:aws:s3:::b-*/?""#,
                r#""NotAction": "iam:*", "Resource": "*""#,
            ] {
                assert!(met(&format!("{{{rest}, {about}}}")), "{rest} {about}");
            }
        }
    }

    #[test]
    fn what_contradicts_itself_is_met_by_nothing() {
        for condition in [
            r#""StringEquals": {"aws:PrincipalOrgID": "a"}, "StringNotEquals": {"AWS:PrincipalOrgID": "a"}"#,
            r#""Null": {"s3:prefix": "true"}, "StringEquals": {"s3:prefix": "a"}"#,
            r#""StringEquals": {"aws:SecureTransport": "perhaps"}"#,
        ] {
            assert!(!met(&format!(
                r#"{{"Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::111122223333:role/a"}}, "Action": "s3:GetObject", "Resource": "*", "Condition": {{{condition}}}}}"#
            )));
        }
        for about in [
            r#""NotAction": "*", "Resource": "*""#,
            r#""Action": "GetObject", "Resource": "*""#,
            r#""Action": "s3:GetObject", "Resource": "b""#,
        ] {
            assert!(!met(&format!(r#"{{"Effect": "Allow", "Principal": {{"AWS": "*"}}, {about}}}"#)));
        }
    }
}
