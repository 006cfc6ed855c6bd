//! `oarlock policy`: remarks on documents, and what their wildcards stand for.

use std::{fs, path::PathBuf};

use crate::run::{argument, oarlock};

/// A file with a document, in a folder that goes with the test.
fn file(folder: &tempfile::TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("policy.json");
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn lint_tells_what_aws_refuses_from_what_it_ignores() {
    let folder = tempfile::tempdir().unwrap();
    let text = "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\",\n  \"Action\": \"s3:GetObjct\", \"Resource\": \"*\"}}";
    let path = file(&folder, text);
    let lint = oarlock(&["policy", "lint", argument(&path)]).ended_with(0).stdout;
    assert!(
        lint.contains("policy.json:2:13: warning: Statement[0].Action: AWS has no action `s3:GetObjct`"),
        "{lint}"
    );
    assert!(lint.contains("help: did you mean `s3:GetObject`?"), "{lint}");
    oarlock(&["policy", "lint", "--fail-on", "warning", argument(&path)]).ended_with(4);
    let json =
        oarlock(&["policy", "lint", "--kind", "trust", "-o", "json", argument(&path)]).ended_with(4).json();
    assert_eq!(json["kind"], "PolicyLint");
    let severities: Vec<_> =
        json["remarks"].as_array().unwrap().iter().map(|remark| &remark["severity"]).collect();
    assert_eq!(severities, ["error", "error", "warning"], "a resource, and no principal: {json}");
    oarlock(&["policy", "lint", "nowhere.json"]).ended_with(1);
}

#[test]
fn lint_warns_of_actions_that_are_never_asked_of_what_is_listed_and_notes_a_size_near_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "{{\"Version\": \"2012-10-17\", \"Id\": \"{}\",\n \"Statement\": {{\"Effect\": \"Allow\",\n  \"Action\": \"iam:PassRole\", \"Resource\": \"arn:aws:iam::*:user/*\"}}}}",
        "a".repeat(6_000)
    );
    let path = file(&folder, &text);
    let lint = oarlock(&["policy", "lint", argument(&path)]).ended_with(0).stdout;
    assert!(lint.contains("policy.json:1:1: note: the document: the document has 6122 characters"), "{lint}");
    assert!(
        lint.contains("policy.json:3:13: warning: Statement[0].Action: `iam:PassRole` is never asked of"),
        "{lint}"
    );
    assert!(lint.contains("help: it is asked of `arn:${Partition}:iam::${Account}:role/"), "{lint}");
}

#[test]
fn expand_prints_the_actions_that_a_pattern_stands_for() {
    let folder = tempfile::tempdir().unwrap();
    let statement = |actions: &str| {
        format!(
            "{{\"Version\": \"2012-10-17\", \"Statement\": {{\"Effect\": \"Allow\", \"Action\": {actions}, \"Resource\": \"*\"}}}}"
        )
    };
    let path =
        file(&folder, &statement("[\"eks:*AccessEntry\", \"EKS:DescribeAccess*\", \"sts:Nothing*\", \"*\"]"));
    let json = oarlock(&["policy", "expand", argument(&path)]).ended_with(0).json();
    let actions: Vec<_> = json["Statement"][0]["Action"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| action.as_str().unwrap())
        .collect();
    let entries = [
        "eks:CreateAccessEntry",
        "eks:DeleteAccessEntry",
        "eks:DescribeAccessEntry",
        "eks:UpdateAccessEntry",
    ];
    assert!(entries.iter().all(|entry| actions.contains(entry)), "{actions:?}");
    assert!(actions.contains(&"*") && actions.contains(&"sts:Nothing*"), "{actions:?}");
    assert!(
        !actions.iter().any(|action| action.to_lowercase().starts_with("eks:describeaccess*")),
        "{actions:?}"
    );
    let refused = oarlock(&["policy", "expand", argument(&file(&folder, &statement("[]")))]).ended_with(1);
    assert!(refused.stderr.contains("policy.json:1:70"), "{}", refused.stderr);
}

fn two_files(folder: &tempfile::TempDir, wide: &str, narrow: &str) -> [PathBuf; 2] {
    [("wide.json", wide), ("narrow.json", narrow)].map(|(name, resource)| {
        let path = folder.path().join(name);
        let statement = format!(
            "{{\"Effect\": \"Allow\", \"Action\": [\"s3:GetObject\", \"s3:Get*\"], \"Resource\": \"{resource}\"}}"
        );
        fs::write(&path, format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statement}, {statement}]}}"))
            .unwrap();
        path
    })
}

#[test]
fn covers_answers_with_a_request_that_simulate_decides_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    let [wide, narrow] = two_files(&folder, "arn:aws:s3:::b/*", "arn:aws:s3:::b/p/*");
    let (wide, narrow) = (argument(&wide), argument(&narrow));
    let holds = oarlock(&["policy", "covers", wide, narrow]).ended_with(0);
    assert_eq!(holds.stdout, "holds\n");
    let text = oarlock(&["policy", "covers", "--both-ways", wide, narrow]).ended_with(4).stdout;
    assert!(text.contains("wide.json allows, and") && text.contains("resource   arn:aws:s3:::b/"), "{text}");
    let json = oarlock(&["policy", "covers", narrow, wide, "-o", "json"]).ended_with(4).json();
    let witness = &json["witness"];
    for (policy, status) in [(wide, 0), (narrow, 4)] {
        let [who, action, resource] = [&witness["principal"]["id"], &witness["action"], &witness["resource"]]
            .map(|field| field.as_str().unwrap());
        let flags = ["--principal", who, "--action", action, "--resource", resource];
        oarlock(&[&["simulate", "--identity-policy", policy], &flags[..]].concat()).ended_with(status);
    }
}

#[test]
fn shrink_prints_a_smaller_policy_that_allows_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let [wide, _] = two_files(&folder, "arn:aws:s3:::b/*", "arn:aws:s3:::b/p/*");
    let json = oarlock(&["policy", "shrink", argument(&wide)]).ended_with(0).json();
    assert_eq!(json["Statement"].as_array().unwrap().len(), 1, "{json}");
    assert_eq!(json["Statement"][0]["Action"], "s3:Get*");
}
