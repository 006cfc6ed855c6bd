//! Remarks on documents, from the text.

use insta::assert_snapshot;
use oarlock_iam::{Kind, Parsed, lint};

fn remarks(kind: Kind, text: &str) -> String {
    let lines = lint(&Parsed::of_text(text, kind)).into_iter().map(|remark| {
        let help = remark.advice.help().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}: {}{help}", remark.path, remark.advice)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_people_paste_into_trust_policies() {
    let text = r#"{"Version": "2012-10-17", "Statement": [{
      "Effect": "Allow",
      "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A"},
      "Action": "sts:AssumeRoleWithWebIdentiy",
      "Condition": {"StringEquals": {
        "oidc.eks.eu-west-1.amazonaws.com/id/A:sub": "system:serviceaccount:argocd:*",
        "eks:awsserviceaccount.name": "argocd"
      }}
    }]}"#;
    assert_snapshot!(remarks(Kind::Trust, text), @r"
    Statement[0].Action: AWS has no action `sts:AssumeRoleWithWebIdentiy` (did you mean `sts:AssumeRoleWithWebIdentity`?)
    Statement[0].Condition.StringEquals.eks:awsserviceaccount.name: AWS has no condition key `eks:awsserviceaccount.name`: it is absent from every request
    Statement[0].Condition.StringEquals.oidc.eks.eu-west-1.amazonaws.com/id/A:sub: `system:serviceaccount:argocd:*` is plain text for `StringEquals`: it has no wildcards (for a wildcard use `StringLike`)
    ");
}

#[test]
fn operators_that_do_not_fit() {
    let text = r#"{"Version": "2012-10-17", "Statement": {
      "Effect": "Allow", "Action": ["s3:Get*", "s3:Obtain*", "*"], "Resource": "*",
      "Condition": {
        "NumericLessThan": {"aws:SourceIp": "10"},
        "StringEquals": {"aws:TagKeys": "team", "aws:PrincipalTag/team": "a${*}"},
        "ForAnyValue:StringLike": {"aws:TagKeys": "t*"},
        "Null": {"aws:TagKeys": "true"}
      }}}"#;
    assert_snapshot!(remarks(Kind::Identity, text), @r"
    Statement[0].Action: no action of AWS is like `s3:Obtain*`
    Statement[0].Condition.NumericLessThan.aws:SourceIp: `NumericLessThan` doesn't compare values of `aws:SourceIp`
    Statement[0].Condition.StringEquals.aws:TagKeys: `aws:TagKeys` has several values: `StringEquals` takes `ForAnyValue:` or `ForAllValues:`
    ");
}

#[test]
fn nothing_to_say_of_what_oarlock_writes() {
    let text = oarlock_iam::Document::capability_trust().to_json().to_string();
    assert_snapshot!(remarks(Kind::Trust, &text), @"");
}
