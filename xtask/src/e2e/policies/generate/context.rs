//! Keys and their values.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::{list, pick};

/// What a key's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Text,
    Texts,
    Arn,
    Number,
    Date,
    Bool,
    Address,
    Binary,
}

/// A key with what its values are, and some of them.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) sort: Sort,
    pub(super) values: &'static [&'static str],
}

const fn key(name: &'static str, sort: Sort, values: &'static [&'static str]) -> Key {
    Key { name, sort, values }
}

const DATES: &[&str] = &[
    "2026-11-25T10:00:00Z",
    "2026-11-25T12:00:00+02:00",
    "2026-11-25T10:00:00.5Z",
    "2026-11-25T10:00:00",
    "2026-11-25",
    "2026-11",
    "1795600800",
    "0",
    "yesterday",
];

const TAGS: &[&str] = &["cost", "team", "Team", "env"];

pub(super) const KEYS: &[Key] = &[
    key("aws:PrincipalTag/team", Sort::Text, &["red", "Red", "", "blue", "a*b", "why?", "x, y"]),
    key("aws:RequestTag/env", Sort::Text, &["prod", "test", "", "$5"]),
    key("aws:ResourceTag/owner", Sort::Text, &["ann", "red", "111122223333"]),
    key("sts:ExternalId", Sort::Text, &["42", "f\u{fc}r", "F\u{dc}R"]),
    key("aws:userid", Sort::Text, &["AROA1:s1", "AIDA2"]),
    key(
        "oidc.eks.us-east-1.amazonaws.com/id/ABC:sub",
        Sort::Text,
        &["system:serviceaccount:argocd:app", "system:serviceaccount:argocd:*"],
    ),
    key("aws:TagKeys", Sort::Texts, TAGS),
    key("sts:TransitiveTagKeys", Sort::Texts, TAGS),
    key("aws:PrincipalOrgPaths", Sort::Texts, &["o-1/r-1/ou-1/", "o-1/r-1/ou-1/ou-2/"]),
    key(
        "aws:SourceArn",
        Sort::Arn,
        &[
            "arn:aws:sns:us-east-1:111122223333:topic",
            "arn:aws:s3:::data",
            "arn:aws:iam::111122223333:role/ops/deploy",
        ],
    ),
    key("s3:max-keys", Sort::Number, &["0", "10", "10.0", "10.5", "-3", "11", "many"]),
    key("aws:MultiFactorAuthAge", Sort::Number, &["10", "300", ""]),
    key("aws:CurrentTime", Sort::Date, DATES),
    key("aws:EpochTime", Sort::Date, DATES),
    key("aws:SecureTransport", Sort::Bool, &["true", "false", "True", "yes"]),
    key("aws:MultiFactorAuthPresent", Sort::Bool, &["true", "false"]),
    key(
        "aws:SourceIp",
        Sort::Address,
        &["10.1.2.3", "192.0.2.7", "2001:db8::1", "2001:DB8:0:0::1", "::1", "nowhere"],
    ),
    key("example:Digest", Sort::Binary, &["cXdlcg==", "AAEC", "no base64!"]),
];

/// Some of the keys; the others are absent.
pub(super) fn context(rng: &mut Rng) -> Map<String, Value> {
    let mut context = Map::new();
    for key in KEYS {
        if rng.u8(..3) == 0 {
            continue;
        }
        context.insert(case(rng, key.name), value(rng, key));
    }
    context
}

fn value(rng: &mut Rng, key: &Key) -> Value {
    match key.sort {
        Sort::Texts => json!(list(rng, 0..4, |rng| pick(rng, key.values))),
        _ => json!(pick(rng, key.values)),
    }
}

/// Names of keys have no case.
pub(super) fn case(rng: &mut Rng, name: &str) -> String {
    if rng.u8(..16) == 0 { name.to_lowercase() } else { name.to_owned() }
}
