//! IAM policy documents: what was read prints as a document that says the same, and splitting loses nothing.
#![no_main]

use std::collections::BTreeSet;

use iam::{Document, DocumentError, MANAGED_POLICY_LIMIT};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Document::parse(text) {
        Err(DocumentError::Malformed(why) | DocumentError::NotModelled(why)) => {
            assert!(!why.trim().is_empty())
        }
        Ok(document) => {
            let again = Document::from_json(&document.to_json());
            assert!(again.is_ok_and(|again| again.is_same_as(&document)), "printed as another document");
            for limit in [200, MANAGED_POLICY_LIMIT] {
                if let Some(parts) = document.split(limit) {
                    assert!(parts.iter().all(|part| part.size() <= limit), "a part above {limit}");
                    assert_eq!(grants(&parts), grants(&[document.clone()]), "split into something else");
                }
            }
        }
    }
});

/// What the statements of some documents say, one line for each resource.
fn grants(documents: &[Document]) -> BTreeSet<String> {
    let statements = documents.iter().flat_map(|document| &document.statements);
    statements
        .flat_map(|statement| {
            let but_resources = format!(
                "{:?} {:?} {:?} {:?}",
                statement.effect, statement.principals, statement.actions, statement.conditions
            );
            let mut resources: Vec<_> = statement.resources.iter().map(String::as_str).collect();
            if resources.is_empty() {
                resources.push("none");
            }
            resources.into_iter().map(|resource| format!("{but_resources} {resource}")).collect::<Vec<_>>()
        })
        .collect()
}
