//! What AWS refuses, from the text to the place and the reason.
#![allow(clippy::unwrap_used, reason = "tests")]

use insta::assert_snapshot;
use oarlock_iam::{Kind, Parsed};

/// The problems of a document, each with its line and column.
fn problems(kind: Kind, text: &str) -> String {
    let parsed = Parsed::of_text(text, kind);
    let lines = parsed.problems.iter().map(|problem| {
        let place = problem.path.locate(text).map(|(line, column)| format!("{line}:{column}: "));
        let note = if problem.reason.is_refused() { "" } else { " (AWS takes it)" };
        format!("{}{problem}{note}", place.unwrap_or_default())
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn identity_policies() {
    let text = r#"{
  "Version": "2012-10-18",
  "Statement": [
    {"Sid": "a b", "Effect": "allow", "Action": ["s3", "s*:Get"], "Resource": "bucket"},
    {"Sid": "One", "Effect": "Allow", "Principal": "*", "Action": "s3:*", "NotAction": "s3:Put*", "Resource": "*"},
    {"Sid": "Two", "Effect": "Allow", "Action": "s3:*"},
    {"Sid": "Two", "Effect": "Deny", "Action": [], "Resource": "*", "Resource": "*", "Conditions": {}},
    {"Effect": "Deny", "Action": 3, "Resource": "*", "Condition": {"StringEqual": {"a:b": "c"}, "NullIfExists": {"a:b": null}}}
  ]
}"#;
    assert_snapshot!(problems(Kind::Identity, text), @r"
    2:14: Version: `2012-10-18` is no version of the policy language: it should be `2012-10-17`
    4:13: Statement[0].Sid: the `Sid` `a b` may have letters and digits only
    4:30: Statement[0].Effect: `allow` is neither `Allow` nor `Deny`
    4:50: Statement[0].Action[0]: `s3` is no action: it should look like `service:Action`
    4:56: Statement[0].Action[1]: the service of `s*:Get` may not have wildcards
    4:79: Statement[0].Resource[0]: `bucket` is no resource: it should be `*` or start with `arn:`
    5:88: Statement[1].NotAction: it has both `Action` and `NotAction`
    5:52: Statement[1].Principal: a policy of this kind has no `Principal`
    6:5: Statement[2]: it has no `Resource`
    7:81: Statement[3].Resource: `Resource` is there more than once
    7:100: Statement[3].Conditions: `Conditions` is no element of a policy
    7:48: Statement[3].Action: an empty list
    8:34: Statement[4].Action[0]: should be a string, not a number or a boolean
    8:83: Statement[4].Condition.StringEqual: `StringEqual` is no condition operator
    8:113: Statement[4].Condition.NullIfExists: `NullIfExists` is no condition operator
    8:121: Statement[4].Condition.NullIfExists.a:b[0]: should be a string, not null
    7:13: Statement[3].Sid: the `Sid` `Two` is another statement's, too
    ");
}

#[test]
fn trust_policies() {
    let text = r#"{"Statement": {
  "Effect": "Allow",
  "Principal": {"AWS": ["arn:aws:iam::111122223333:user/*", "ann"], "Group": "x"},
  "Action": "sts:AssumeRole",
  "Resource": "*",
  "Condition": {"StringEquals": {"aws:PrincipalTag/team": "${aws:username}"}}
}}"#;
    assert_snapshot!(problems(Kind::Trust, text), @r#"
    3:25: Statement[0].Principal.AWS[0]: `arn:aws:iam::111122223333:user/*` is no principal: it should be an ARN without wildcards, an account's twelve digits or `*`
    3:61: Statement[0].Principal.AWS[1]: `ann` is no principal: it should be an ARN without wildcards, an account's twelve digits or `*`
    3:78: Statement[0].Principal.Group: `Group` is no kind of principals: it should be `AWS`, `Service`, `Federated` or `CanonicalUser`
    5:15: Statement[0].Resource: a policy of this kind has no `Resource`
    6:59: Statement[0].Condition.StringEquals.aws:PrincipalTag/team[0]: `${aws:username}` is plain text, and no variable, without `"Version": "2012-10-17"` (AWS takes it)
    "#);
}

#[test]
fn control_policies() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Deny", "Principal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*"}
]}"#;
    assert_snapshot!(problems(Kind::ResourceControl, text), @r"
    2:35: Statement[0].Principal: the principal of a resource control policy can only be `*`
    ");
    assert_snapshot!(problems(Kind::ServiceControl, text), @r"
    2:35: Statement[0].Principal: a policy of this kind has no `Principal`
    ");
}

#[test]
fn not_even_json() {
    assert_snapshot!(problems(Kind::Identity, "{"), @r"
    the document: not JSON: EOF while parsing an object at line 1 column 1
    ");
    assert_snapshot!(problems(Kind::Identity, "[]"), @r"
    1:1: the document: should be an object, not a list
    ");
    assert_snapshot!(problems(Kind::Identity, r#"{"Version": "2012-10-17", "Statement": []}"#), @r"
    1:40: Statement: an empty list
    ");
}
