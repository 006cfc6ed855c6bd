//! Documents and requests by chance, close enough to each other to meet.

use std::collections::BTreeSet;

use oarlock_iam::{Conditions, Context, ContextValue, Document, Effect, Element, Principals, Statement};
use proptest::{prelude::*, sample::select};

pub(crate) const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const ACTIONS: &[&str] = &["*", "s3:*", "S3:getobject", "s3:Get*", "s3:?etObject", "s3:PutObject", "sqs:*"];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:PrincipalTag/team, 'k'}",
    "arn:aws:s3:::?/k",
    "arn:aws:sqs:*:*:q",
    "arn:aws:s3:${aws:PrincipalTag/team}::b/x",
];
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringLikeIfExists",
    "StringNotLikeIfExists",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringNotLike",
];
pub(crate) const KEYS: [&str; 2] = ["aws:PrincipalTag/team", "aws:prefix"];
const VALUES: &[&str] = &["red", "blue", "r*", "k", "${aws:username}", "${aws:PrincipalTag/team}"];

fn some(from: &'static [&'static str]) -> impl Strategy<Value = BTreeSet<String>> {
    proptest::collection::btree_set(select(from).prop_map(str::to_owned), 1..3)
}

fn element(from: &'static [&'static str]) -> impl Strategy<Value = Element<BTreeSet<String>>> {
    (some(from), prop::bool::weighted(0.2))
        .prop_map(|(listed, not)| if not { Element::AllBut(listed) } else { Element::Only(listed) })
}

fn conditions() -> impl Strategy<Value = Conditions> {
    let null = (Just("Null"), select(&KEYS[..]), some(&["true", "false"]));
    let one = prop_oneof![4 => (select(OPERATORS), select(&KEYS[..]), some(VALUES)), 1 => null];
    proptest::collection::vec(one, 0..3).prop_map(|all| {
        let mut conditions = Conditions::new();
        for (operator, key, values) in all {
            conditions.entry(operator.to_owned()).or_default().insert(key.to_owned(), values);
        }
        conditions
    })
}

prop_compose! {
    pub(crate) fn statement(with_principals: bool)(
        deny in prop::bool::weighted(0.3), actions in element(ACTIONS), resources in element(RESOURCES),
        conditions in conditions(), who in select(&["*", ANN, "111122223333", "444455556666"][..]),
    ) -> Statement {
        Statement {
            sid: String::new(),
            effect: if deny { Effect::Deny } else { Effect::Allow },
            principals: with_principals.then(|| Element::Only(Principals::aws([who]))),
            actions,
            resources: Some(resources),
            conditions,
        }
    }
}

pub(crate) fn document(with_principals: bool) -> impl Strategy<Value = Document> {
    proptest::collection::vec(statement(with_principals), 1..4).prop_map(Document::new)
}

/// A value of each key, or none.
pub(crate) type Keys = [Option<ContextValue>; KEYS.len()];

/// Of the first key AWS says that it has one value at most.
pub(crate) fn keys() -> impl Strategy<Value = Keys> {
    let value = select(&["red", "k", "ann", "green"][..]);
    let one = value.clone().prop_map(|value| ContextValue::One(value.to_owned()));
    let many = proptest::collection::vec(value.prop_map(str::to_owned), 0..3).prop_map(ContextValue::Many);
    (proptest::option::of(one.clone()), proptest::option::of(prop_oneof![one, many])).prop_map(Keys::from)
}

pub(crate) fn context(keys: &Keys) -> Context {
    let known = KEYS.iter().zip(keys).filter_map(|(key, value)| Some(((*key).to_owned(), value.clone()?)));
    Context::complete(known)
}
