//! Comparing documents: what cases say, and the laws that hold for all documents.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod generate;

use std::sync::Arc;

use facts::Verdict;
use generate::{ANN, context, document, keys};
use oarlock_iam::{Decision, Document, Kind, Layers, Parsed, Policy, Principal, Request, Witness};
use proptest::{prelude::*, sample::select};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// One of `tests/compare.yaml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    a: Value,
    #[serde(default)]
    b: Value,
    #[serde(default)]
    kind: Option<String>,
    covers: Option<String>,
    equivalent: Option<String>,
    disjoint: Option<String>,
    /// Of the first statement of `a`.
    never_matches: Option<String>,
    #[serde(default)]
    witness: Map<String, Value>,
}

impl Case {
    fn document(&self, statements: &Value) -> Document {
        let kind = if self.kind.as_deref() == Some("trust") { Kind::Trust } else { Kind::Identity };
        let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        Parsed::of_text(&text, kind).legal().unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// The answers, expected and given.
    fn answers(&self) -> Vec<(&str, Verdict<Witness>)> {
        let a = self.document(&self.a);
        let b = || self.document(&self.b);
        let covers = self.covers.as_deref().map(|expected| (expected, a.covers(&b())));
        let equivalent = self.equivalent.as_deref().map(|expected| (expected, a.equivalent(&b())));
        let disjoint = self.disjoint.as_deref().map(|expected| (expected, a.disjoint(&b())));
        let never = self.never_matches.as_deref().map(|expected| (expected, a.never_matches(0)));
        [covers, equivalent, disjoint, never].into_iter().flatten().collect()
    }
}

#[test]
fn documents_compare_as_the_cases_say() {
    let cases: Vec<Case> = serde_saphyr::from_str(include_str!("compare.yaml")).unwrap();
    for case in &cases {
        let answers = case.answers();
        assert!(!answers.is_empty(), "{}: asks nothing", case.name);
        for (expected, verdict) in answers {
            let (given, witness) = match &verdict {
                Verdict::Holds => ("holds", Value::Null),
                Verdict::Violated { witness } => ("violated", serde_json::to_value(witness).unwrap()),
                Verdict::Unknown { .. } => ("unknown", Value::Null),
            };
            assert_eq!(given, expected, "{}: {witness}", case.name);
            for (field, value) in &case.witness {
                assert_eq!(&witness[field], value, "{}: {witness}", case.name);
            }
        }
    }
}

fn allows(document: &Document, request: &Request) -> bool {
    let policy = Arc::new(Policy::new("policy", document));
    let layers = Layers { identity: vec![policy], ..Layers::default() };
    layers.decide(request).decision == Decision::Allowed
}

const ACTIONS: &[&str] = &["s3:GetObject", "s3:PutObject", "s3:xetObject", "sqs:SendMessage", "iam:PassRole"];
const RESOURCES: &[&str] =
    &["*", "arn:aws:s3:::b/k", "arn:aws:s3:::b/ann/x", "arn:aws:s3:::b/red", "arn:aws:sqs:eu-west-1:1:q"];

/// A request that is near what the generated documents speak of.
fn request() -> impl Strategy<Value = Request> {
    (select(ACTIONS), select(RESOURCES), keys()).prop_map(|(action, resource, keys)| {
        Request::new(Principal::aws(ANN), action, resource, None, context(&keys))
    })
}

fn violated(verdict: &Verdict<Witness>) -> Option<&Witness> {
    if let Verdict::Violated { witness } = verdict { Some(witness) } else { None }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn covering_agrees_with_evaluation(a in document(false), b in document(false), requests in proptest::collection::vec(request(), 20)) {
        let verdict = a.covers(&b);
        if let Some(witness) = violated(&verdict) {
            let request = witness.request();
            prop_assert!(allows(&b, &request) && !allows(&a, &request), "{request:?}");
        }
        if verdict.holds() {
            for request in requests {
                prop_assert!(allows(&a, &request) || !allows(&b, &request), "{request:?}");
            }
        }
    }

    #[test]
    fn a_smaller_document_allows_the_same(a in document(false), requests in proptest::collection::vec(request(), 20)) {
        let small = a.shrink();
        prop_assert!(small.size() <= a.size());
        prop_assert_eq!(violated(&small.equivalent(&a)).map(|witness| witness.request()).map(|it| format!("{it:?}")), None);
        for request in requests {
            prop_assert_eq!(allows(&a, &request), allows(&small, &request));
        }
        prop_assert_eq!(small.shrink(), small);
    }

    #[test]
    fn every_document_covers_itself(a in document(false)) {
        prop_assert!(a.covers(&a).holds());
    }

    #[test]
    fn covering_is_transitive(a in document(false), b in document(false), c in document(false)) {
        if a.covers(&b).holds() && b.covers(&c).holds() {
            prop_assert!(a.covers(&c).holds());
        }
    }
}
