//! The smallest documents for a set of permissions.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use oarlock_iam::{Document, Grant, MANAGED_POLICY_LIMIT, Statement, minimize};
use proptest::{prelude::*, sample::select};

const ACTIONS: &[&str] = &["eks:DescribeCluster", "eks:ListClusters", "sts:AssumeRole", "eks:Describe*"];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:eks:eu-west-1:111122223333:cluster/a",
    "arn:aws:eks:eu-west-1:111122223333:cluster/*",
    "arn:aws:iam::444455556666:role/b",
];

/// One statement for each grant.
fn plain(grants: &[Grant]) -> Document {
    Document::new(grants.iter().map(|grant| {
        let statement = Statement::allow("", [grant.action.as_str()]).on([grant.resource.as_str()]);
        Statement { conditions: grant.conditions.clone(), ..statement }
    }))
}

fn together(documents: &[Document]) -> Document {
    Document::new(documents.iter().flat_map(|document| document.statements.clone()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_smallest_document_allows_what_is_granted_and_nothing_else(
        pairs in proptest::collection::vec((select(ACTIONS), select(RESOURCES)), 1..8),
    ) {
        let grants: Vec<Grant> = pairs.iter().map(|(action, resource)| Grant::new(*action, *resource)).collect();
        let documents = minimize(&grants, MANAGED_POLICY_LIMIT).unwrap();
        prop_assert!(plain(&grants).equivalent(&together(&documents)).holds());
        prop_assert!(together(&documents).size() <= plain(&grants).size());
    }
}

#[test]
fn what_one_grant_covers_is_not_granted_again() {
    let all = "arn:aws:eks:eu-west-1:111122223333:cluster/*";
    let one = "arn:aws:eks:eu-west-1:111122223333:cluster/a";
    let grants = [all, one].map(|resource| Grant::new("eks:DescribeCluster", resource));
    let documents = minimize(&grants, MANAGED_POLICY_LIMIT).unwrap();
    assert_eq!(documents, [Document::new([Statement::allow("", ["eks:DescribeCluster"]).on([all])])]);
}

#[test]
fn a_wildcard_in_the_name_of_a_resource_stands_for_itself() {
    let grants = [Grant::exactly("s3:GetObject", "arn:aws:s3:::b/a*$?")];
    let documents = minimize(&grants, MANAGED_POLICY_LIMIT).unwrap();
    let own = Document::new([Statement::allow("", ["s3:GetObject"]).on(["arn:aws:s3:::b/a${*}${$}${?}"])]);
    assert_eq!(documents, [own]);
}

#[test]
fn what_is_too_large_for_one_document_is_split() {
    let role = |number| format!("arn:aws:iam::111122223333:role/a-role-with-a-rather-long-name-{number:04}");
    let grants: Vec<Grant> = (0..300).map(|number| Grant::new("sts:AssumeRole", role(number))).collect();
    let documents = minimize(&grants, MANAGED_POLICY_LIMIT).unwrap();
    assert!(documents.len() > 1 && documents.iter().all(|document| document.size() <= MANAGED_POLICY_LIMIT));
    let resources = documents.iter().flat_map(|document| &document.statements);
    assert_eq!(resources.flat_map(Statement::listed_resources).count(), 300);
    assert_eq!(minimize(&grants, 100), None);
}
