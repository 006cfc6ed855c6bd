//! IAM policy documents: what was read prints as a document that says the same, splitting loses nothing, and whatever AWS would
//! take is decided.
#![no_main]

use std::{collections::BTreeSet, sync::Arc};

use iam::{
    Context, Decision, Document, Element, Kind, Layers, MANAGED_POLICY_LIMIT, Parsed, Policy, Principal,
    Request,
};
use libfuzzer_sys::fuzz_target;

const KINDS: [Kind; 6] = [
    Kind::Identity,
    Kind::Resource,
    Kind::Trust,
    Kind::ServiceControl,
    Kind::ResourceControl,
    Kind::Endpoint,
];

fuzz_target!(|text: &str| {
    for kind in KINDS {
        let parsed = Parsed::of_text(text, kind);
        for problem in &parsed.problems {
            assert!(!problem.to_string().is_empty());
            if let Some((line, column)) = problem.path.locate(text) {
                assert!(line >= 1 && column >= 1);
            }
        }
        if let Ok(document) = parsed.legal() {
            let again = Parsed::of_json(&document.to_json(), kind).legal();
            assert!(again.is_ok_and(|again| again.is_same_as(&document)), "printed as another document");
            split(&document);
            decide(&document);
        }
    }
});

fn split(document: &Document) {
    for limit in [200, MANAGED_POLICY_LIMIT] {
        if let Some(parts) = document.split(limit) {
            assert!(parts.iter().all(|part| part.size() <= limit), "a part above {limit}");
            assert_eq!(grants(&parts), grants(std::slice::from_ref(document)), "split into something else");
        }
    }
}

/// A document that is an identity's, a boundary and a resource's at once: the answer has its reasons.
fn decide(document: &Document) {
    let policy = Arc::new(Policy::new("fuzzed", document));
    let layers = Layers {
        identity: vec![Arc::clone(&policy)],
        boundary: Some(Arc::clone(&policy)),
        resource: Some(policy),
        ..Layers::default()
    };
    for context in [Context::complete([]), Context::open([])] {
        let principal = Principal::aws("arn:aws:iam::111122223333:user/ann");
        let request = Request::new(principal, "s3:GetObject", "arn:aws:s3:::b/k", None, context);
        let explanation = layers.explain(&request);
        let by_statement = matches!(explanation.decision, Decision::Allowed | Decision::ExplicitDeny);
        assert_eq!(by_statement, !explanation.by.is_empty());
        assert!(layers.trace(&request).len() >= explanation.by.len());
    }
}

/// What the statements of some documents say, one line for each resource.
fn grants(documents: &[Document]) -> BTreeSet<String> {
    let statements = documents.iter().flat_map(|document| &document.statements);
    statements
        .flat_map(|statement| {
            let but_resources = format!(
                "{:?} {:?} {:?} {:?}",
                statement.effect, statement.principals, statement.actions, statement.conditions
            );
            let resources = match &statement.resources {
                Some(Element::Only(resources)) if !resources.is_empty() => {
                    resources.iter().map(|resource| format!("{but_resources} {resource}")).collect()
                }
                other => vec![format!("{but_resources} {other:?}")],
            };
            resources
        })
        .collect()
}
