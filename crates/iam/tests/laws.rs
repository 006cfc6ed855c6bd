//! Laws that decisions obey, whatever the policies say.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeSet, sync::Arc};

use oarlock_iam::{
    Conditions, Context, ContextValue, Decision, Document, Effect, Element, Layers, Met, Policy, Principal,
    Principals, Request, Statement,
};
use proptest::{prelude::*, sample::select};

const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const ACTIONS: &[&str] = &["*", "s3:*", "S3:getobject", "s3:Get*", "s3:?etObject", "s3:PutObject", "sqs:*"];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:PrincipalTag/team, 'k'}",
    "arn:aws:s3:::?/k",
    "arn:aws:sqs:*:*:q",
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
const KEYS: &[&str] = &["aws:PrincipalTag/team", "aws:prefix"];
const VALUES: &[&str] = &["red", "blue", "r*", "k", "${aws:username}", "${aws:PrincipalTag/team}"];

fn some(from: &'static [&'static str]) -> impl Strategy<Value = BTreeSet<String>> {
    proptest::collection::btree_set(select(from).prop_map(str::to_owned), 1..3)
}

fn element(from: &'static [&'static str]) -> impl Strategy<Value = Element<BTreeSet<String>>> {
    (some(from), prop::bool::weighted(0.2))
        .prop_map(|(listed, not)| if not { Element::AllBut(listed) } else { Element::Only(listed) })
}

fn conditions() -> impl Strategy<Value = Conditions> {
    let null = (Just("Null"), select(KEYS), some(&["true", "false"]));
    let one = prop_oneof![4 => (select(OPERATORS), select(KEYS), some(VALUES)), 1 => null];
    proptest::collection::vec(one, 0..3).prop_map(|all| {
        let mut conditions = Conditions::new();
        for (operator, key, values) in all {
            conditions.entry(operator.to_owned()).or_default().insert(key.to_owned(), values);
        }
        conditions
    })
}

prop_compose! {
    fn statement(with_principals: bool)(
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

fn document(with_principals: bool) -> impl Strategy<Value = Document> {
    proptest::collection::vec(statement(with_principals), 1..4).prop_map(Document::new)
}

/// All documents that apply: identity, boundary, resource.
type Documents = (Document, Option<Document>, Option<Document>);

fn documents() -> impl Strategy<Value = Documents> {
    let maybe = |of| proptest::option::weighted(0.3, document(of));
    (document(false), maybe(false), maybe(true))
}

fn layers((identity, boundary, resource): &Documents) -> Layers {
    let policy = |name: &str, document: &Document| Arc::new(Policy::new(name, document));
    Layers {
        identity: vec![policy("identity", identity)],
        boundary: boundary.as_ref().map(|document| policy("boundary", document)),
        resource: resource.as_ref().map(|document| policy("resource", document)),
        ..Layers::default()
    }
}

/// A value of each key, or none.
type Keys = Vec<Option<ContextValue>>;

fn keys() -> impl Strategy<Value = Keys> {
    let value = select(&["red", "k", "ann", "green"][..]);
    let one = value.clone().prop_map(|value| ContextValue::One(value.to_owned()));
    let many = proptest::collection::vec(value.prop_map(str::to_owned), 0..3).prop_map(ContextValue::Many);
    proptest::collection::vec(proptest::option::of(prop_oneof![one, many]), KEYS.len())
}

fn request(action: &str, context: Context) -> Request {
    Request::new(Principal::aws(ANN), action, "arn:aws:s3:::b/k", None, context)
}

fn context(keys: &Keys) -> Context {
    let known = KEYS.iter().zip(keys).filter_map(|(key, value)| Some(((*key).to_owned(), value.clone()?)));
    Context::complete(known)
}

fn action() -> impl Strategy<Value = &'static str> {
    select(&["s3:GetObject", "s3:PutObject"][..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_deny_never_widens_and_an_allow_never_narrows(
        documents in documents(), more in statement(false), keys in keys(), action in action(),
    ) {
        let request = request(action, context(&keys));
        let before = layers(&documents).decide(&request).decision;
        let (mut wider, boundary, resource) = documents;
        wider.statements.push(more.clone());
        let after = layers(&(wider, boundary, resource)).decide(&request).decision;
        match more.effect {
            Effect::Deny => prop_assert!(after == before || after == Decision::ExplicitDeny),
            Effect::Allow => prop_assert!(after == before || (before, after) == (Decision::ImplicitDeny, Decision::Allowed)),
        }
    }

    #[test]
    fn order_and_repetition_of_statements_are_irrelevant(documents in documents(), keys in keys(), action in action()) {
        let request = request(action, context(&keys));
        let before = layers(&documents).decide(&request).decision;
        let (mut other, boundary, resource) = documents;
        let mut again = other.statements.clone();
        other.statements.reverse();
        other.statements.append(&mut again);
        prop_assert_eq!(layers(&(other, boundary, resource)).decide(&request).decision, before);
    }

    #[test]
    fn what_is_decided_without_knowing_a_key_is_so_for_every_value(documents in documents(), keys in keys(), action in action()) {
        let layers = layers(&documents);
        let open = layers.explain(&request(action, Context::open([])));
        if open.decision == Decision::Unknown {
            prop_assert!(!open.missing.is_empty());
        } else {
            prop_assert_eq!(layers.decide(&request(action, context(&keys))).decision, open.decision);
        }
    }

    #[test]
    fn whoever_is_allowed_or_denied_is_so_by_a_statement_that_the_trace_has(
        documents in documents(), keys in keys(), action in action(),
    ) {
        let layers = layers(&documents);
        let request = request(action, context(&keys));
        let explanation = layers.explain(&request);
        let decided = matches!(explanation.decision, Decision::Allowed | Decision::ExplicitDeny);
        prop_assert_eq!(decided, !explanation.by.is_empty());
        let first = layers.decide(&request).by.map(|by| by.id());
        prop_assert_eq!(first.as_ref(), explanation.by.first());
        let trace = layers.trace(&request);
        for by in &explanation.by {
            prop_assert!(trace.iter().any(|step| step.statement == *by && step.met == Met::Yes));
        }
    }

    #[test]
    fn printing_and_reading_keep_the_decision(documents in documents(), keys in keys(), action in action()) {
        let request = request(action, context(&keys));
        let (identity, ..) = &documents;
        let read: Document = serde_json::from_str(&serde_json::to_string(identity).unwrap()).unwrap();
        let again = (read, documents.1.clone(), documents.2.clone());
        prop_assert_eq!(layers(&again).decide(&request).decision, layers(&documents).decide(&request).decision);
    }
}
