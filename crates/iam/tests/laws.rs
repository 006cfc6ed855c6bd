//! Laws that decisions obey, whatever the policies say.
#![allow(clippy::unwrap_used, reason = "tests")]

mod generate;

use std::sync::Arc;

use generate::{ANN, context, document, keys, statement};
use oarlock_iam::{Context, Decision, Document, Effect, Layers, Met, Policy, Principal, Request};
use proptest::{prelude::*, sample::select};

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

fn request(action: &str, context: Context) -> Request {
    Request::new(Principal::aws(ANN), action, "arn:aws:s3:::b/k", None, context)
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
    fn what_nothing_allows_and_only_that_has_a_nearest_statement_that_fails(
        documents in documents(), keys in keys(), action in action(), open in any::<bool>(),
    ) {
        let context = if open { Context::open([]) } else { context(&keys) };
        let explanation = layers(&documents).explain(&request(action, context));
        prop_assert_eq!(explanation.decision == Decision::ImplicitDeny, !explanation.nearest.is_empty());
        for near in &explanation.nearest {
            prop_assert_eq!(near.statement.is_none(), near.failed.is_empty());
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
