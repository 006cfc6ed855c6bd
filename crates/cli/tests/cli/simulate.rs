//! `oarlock simulate`: requests in, decisions out.

use std::fs;

use serde_json::{Value, json};

use crate::run::{argument, files, oarlock, oarlock_reading, root};

const ROLE: &str = "arn:aws:iam::111122223333:role/hub";
const SPOKE: &str = "arn:aws:iam::444455556666:role/spoke";

/// The cases of `crates/iam/tests/cases` as lines, with what is to be decided.
fn cases() -> (String, Vec<(String, String)>) {
    let (mut lines, mut decisions) = (String::new(), Vec::new());
    for (file, text) in files(&root().join("crates/iam/tests/cases")) {
        let file_of_cases: Value = serde_saphyr::from_str(&text).unwrap();
        for case in file_of_cases["cases"].as_array().unwrap() {
            let mut line = file_of_cases["given"].as_object().cloned().unwrap_or_default();
            line.extend(case["request"].as_object().unwrap().clone());
            let id = format!("{file}: {}", case["name"].as_str().unwrap());
            line.insert("id".to_owned(), json!(id));
            lines.push_str(&Value::Object(line).to_string());
            lines.push('\n');
            decisions.push((id, case["decision"].as_str().unwrap().to_owned()));
        }
    }
    (lines, decisions)
}

#[test]
fn lines_are_answered_in_their_order_and_the_run_goes_on_after_a_wrong_one() {
    let (lines, decisions) = cases();
    let run = oarlock_reading(&lines, &["simulate"]).ended_with(1);
    let answers: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), decisions.len());
    for (answer, (id, decision)) in answers.iter().zip(&decisions) {
        assert_eq!(answer["id"].as_str(), Some(id.as_str()));
        match decision.as_str() {
            "refused" => assert!(answer["error"].is_string(), "{answer}"),
            decision => assert_eq!(answer["decision"].as_str(), Some(decision), "{answer}"),
        }
    }
}

#[test]
fn a_field_that_is_misspelt_is_an_error_of_its_line_alone() {
    let fine =
        json!({"id": 1, "principal": {"type": "AWS", "id": ROLE}, "action": "s3:GetObject", "resource": "*"});
    let mut wrong = fine.clone();
    wrong["id"] = json!({"n": 2});
    wrong["identity_policy"] = json!([]);
    let run = oarlock_reading(&format!("{wrong}\n\n{fine}\n{{\n"), &["simulate"]).ended_with(1);
    let answers: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0]["id"], json!({"n": 2}));
    assert!(
        answers[0]["error"].as_str().unwrap().contains("unknown field `identity_policy`"),
        "{}",
        run.stdout
    );
    assert_eq!(answers[1]["decision"], "implicit-deny");
    assert!(answers[2]["error"].is_string() && answers[2].get("id").is_none());
    let fine = oarlock_reading(&fine.to_string(), &["simulate"]).ended_with(0);
    assert_eq!(fine.stdout.lines().count(), 1);
}

#[test]
fn one_request_is_decided_from_files_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, statement: Value| {
        let path = folder.path().join(name);
        let document = json!({"Version": "2012-10-17", "Statement": [statement]});
        fs::write(&path, document.to_string()).unwrap();
        path
    };
    let own = write("own.json", json!({"Effect": "Allow", "Action": "sts:*", "Resource": SPOKE}));
    let trust = write(
        "trust.json",
        json!({"Sid": "Hub", "Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}),
    );
    let (own, trust) = (argument(&own), argument(&trust));
    let ask = |more: &[&str]| {
        let request = ["simulate", "--principal", ROLE, "--action", "sts:AssumeRole", "--resource", SPOKE];
        let policies = ["--identity-policy", own, "--trust-policy", trust];
        oarlock(&[&request, &policies[..], more].concat())
    };
    let denied = ask(&["--explain"]).ended_with(4).stdout;
    assert!(denied.starts_with("implicit-deny\n"), "{denied}");
    assert!(
        denied.contains("trust.json statement 0 (Hub): Condition StringEquals sts:externalid"),
        "{denied}"
    );
    let nearest = "  nearest in trust: ";
    let at = denied.find(nearest).map(|at| &denied[at + nearest.len()..]).unwrap_or_default();
    assert!(
        at.contains("trust.json statement 0 (Hub), but for Condition StringEquals sts:externalid"),
        "{denied}"
    );
    let json = ask(&["--explain", "-o", "json"]).ended_with(4).json();
    assert_eq!(json["nearest"][0]["layer"], "trust");
    assert_eq!(json["nearest"][0]["sid"], "Hub");
    assert_eq!(json["nearest"][0]["failed"], json!(["Condition StringEquals sts:externalid"]));
    let open = ask(&["--open-context"]).ended_with(5).stdout;
    assert!(open.contains("depends on sts:externalid"), "{open}");
    let allowed = ask(&["--context", "sts:ExternalId=x", "-o", "json"]).ended_with(0).json();
    assert_eq!(allowed["kind"], "Simulation");
    assert_eq!(allowed["decision"], "allowed");
    assert_eq!(allowed["by"].as_array().unwrap().len(), 2);
}

#[test]
fn a_policy_that_aws_would_refuse_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.json");
    fs::write(&path, "{\"Version\": \"2012-10-17\",\n  \"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3\", \"Resource\": \"*\"}}").unwrap();
    let arguments =
        ["simulate", "--principal", ROLE, "--action", "s3:GetObject", "--identity-policy", argument(&path)];
    let run = oarlock(&arguments).ended_with(1);
    assert!(run.stderr.contains("own.json:2:46"), "{}", run.stderr);
    assert!(run.stderr.contains("`s3` is no action"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
}
