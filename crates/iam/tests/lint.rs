//! Remarks on documents, from the text.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeMap, fmt::Write as _};

use insta::assert_snapshot;
use oarlock_iam::{Advice, Kind, catalogue, lint};

fn remarks(kind: Kind, text: &str) -> String {
    let lines = lint(text, kind).into_iter().map(|remark| {
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
        Statement[0].Condition.StringEquals.eks:awsserviceaccount.name: AWS has no condition key `eks:awsserviceaccount.name`: it is absent from every request, so that this is never met
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
    Statement[0].Action[1]: no action of AWS is like `s3:Obtain*`
    Statement[0].Condition.NumericLessThan.aws:SourceIp: `NumericLessThan` doesn't compare values of `aws:SourceIp`
    Statement[0].Condition.StringEquals.aws:TagKeys: `aws:TagKeys` has several values: `StringEquals` takes `ForAnyValue:` or `ForAllValues:`
    ");
}

#[test]
fn what_is_said_of_an_action_stands_where_it_does() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
      {"Effect": "Perhaps", "Action": "s3:GetObject", "Resource": "*"},
      {"Effect": "Allow", "Resource": "*", "Action": [
        "s3:GetObject",
        "s3:GetObjects", "s3:Obtain*",
        "s3:GetObjects"]},
      {"Effect": "Allow", "Action": "s3:GetObjects", "Resource": "*"}
    ]}"#;
    let places = lint(text, Kind::Identity).into_iter().map(|remark| {
        let (line, column) = remark.path.locate(text).unwrap();
        format!("{line}:{column} {}", remark.path)
    });
    // Of what can't be read nothing more is said, and what follows it has its own number all the same.
    assert_snapshot!(places.collect::<Vec<_>>().join("\n"), @r"
    2:18 Statement[0].Effect
    5:9 Statement[1].Action[1]
    5:26 Statement[1].Action[2]
    7:37 Statement[2].Action
    ");
}

#[test]
fn nothing_to_say_of_what_oarlock_writes() {
    let text = oarlock_iam::Document::capability_trust().to_json().to_string();
    assert_snapshot!(remarks(Kind::Trust, &text), @"");
}

#[test]
fn actions_that_are_never_asked_of_what_is_listed() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket", "s3:Put*", "s3:ListAllMyBuckets"],
       "Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::c/${aws:username}/*"]},
      {"Effect": "Allow", "Action": ["eks:DescribeCluster", "eks:ListClusters", "eks:*AccessEntry", "sts:AssumeRole"],
       "Resource": ["arn:aws:eks:*:*:cluster/a", "arn:aws:iam::*:user/*"]},
      {"Effect": "Deny", "Action": ["ec2:DescribeRegions", "iam:PassRole"], "Resource": "arn:aws:iam::*:role/*"}
    ]}"#;
    assert_snapshot!(remarks(Kind::Identity, text), @r#"
    Statement[0].Action[1]: `s3:ListBucket` is never asked of what `Resource` lists: the statement doesn't apply to it (it is asked of `arn:${Partition}:s3:${Region}:${Account}:accesspoint/${AccessPointName}`, `arn:${Partition}:s3:::${BucketName}`)
    Statement[1].Action[1]: `eks:ListClusters` is asked of no resource that could be listed: the statement doesn't apply to it (it takes `"Resource": "*"`)
    Statement[1].Action[3]: `sts:AssumeRole` is never asked of what `Resource` lists: the statement doesn't apply to it (it is asked of `arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}`)
    "#);
}

#[test]
fn nothing_to_say_of_actions_that_may_be_asked_of_what_is_listed() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": ["ec2:DescribeRegions", "s3:ListBucket"], "Resource": ["*", "arn:aws:s3:::b/*"]},
      {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b"},
      {"Effect": "Allow", "NotAction": "eks:ListClusters", "Resource": "arn:aws:s3:::b"},
      {"Effect": "Allow", "Action": "s3:ListBucket", "NotResource": "arn:aws:s3:::b/*"},
      {"Effect": "Allow", "Action": "eks:ListClusters", "Resource": "arn:aws:eks:*:*:cluster/*"},
      {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::*:role/${aws:PrincipalTag/team, 'a:b'}"},
      {"Effect": "Allow", "Action": "elasticloadbalancing:AddTags", "Resource": "arn:aws:elasticloadbalancing:*:*:targetgroup/*/*"},
      {"Effect": "Allow", "Action": "iam:GetPolicy", "Resource": "arn:aws:iam::aws:policy/*"}
    ]}"#;
    assert_snapshot!(remarks(Kind::Identity, text), @"");
}

#[test]
fn keys_that_no_request_for_the_actions_has() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {
        "StringLike": {"s3:prefix": "home/*"}, "StringNotLike": {"s3:delimiter": "/"},
        "StringEqualsIfExists": {"aws:RequestTag/team": "red"}, "ForAllValues:StringEquals": {"aws:TagKeys": "team"},
        "Null": {"ec2:ResourceTag/team": "false"}}},
      {"Effect": "Deny", "Action": ["iam:PassRole", "iam:CreateUser"], "Resource": "*", "Condition": {
        "StringEquals": {"iam:PassToService": "eks.amazonaws.com"}, "Null": {"iam:AWSServiceNam": "true"},
        "ArnEquals": {"iam:PermissionBoundary": "arn:aws:iam::111122223333:policy/b", "iam:PolicyARN": "*"}}}
    ]}"#;
    assert_snapshot!(remarks(Kind::Identity, text), @r"
    Statement[0].Condition.ForAllValues:StringEquals.aws:TagKeys: no request for `s3:GetObject` has `aws:TagKeys`, so that this is always met
    Statement[0].Condition.Null.ec2:ResourceTag/team: no request for `s3:GetObject` has `ec2:ResourceTag/team`, so that this is never met (did you mean `aws:ResourceTag/team`?)
    Statement[0].Condition.StringEqualsIfExists.aws:RequestTag/team: no request for `s3:GetObject` has `aws:RequestTag/team`, so that this is always met
    Statement[0].Condition.StringLike.s3:prefix: no request for `s3:GetObject` has `s3:prefix`, so that this is never met
    Statement[0].Condition.StringNotLike.s3:delimiter: no request for `s3:GetObject` has `s3:delimiter`, so that this is always met
    Statement[1].Condition.ArnEquals.iam:PermissionBoundary: AWS has no condition key `iam:PermissionBoundary`: it is absent from every request, so that this is never met (did you mean `iam:PermissionsBoundary`?)
    Statement[1].Condition.ArnEquals.iam:PolicyARN: no request for any of these 2 actions has `iam:PolicyARN`, so that this is never met
    Statement[1].Condition.Null.iam:AWSServiceNam: AWS has no condition key `iam:AWSServiceNam`: it is absent from every request, so that this is always met (did you mean `iam:AWSServiceName`?)
    Statement[1].Condition.StringEquals.iam:PassToService: AWS has no condition key `iam:PassToService`: it is absent from every request, so that this is never met (did you mean `iam:PassedToService`?)
    ");
}

#[test]
fn nothing_to_say_of_keys_that_requests_may_have() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*", "Condition": {
        "StringLike": {"s3:prefix": "home/*", "aws:PrincipalTag/team": "red"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
      {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"s3:prefix": "a"}}},
      {"Effect": "Deny", "NotAction": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"s3:prefix": "a"}}},
      {"Effect": "Allow", "Action": "eks:CreateCluster", "Resource": "*", "Condition": {
        "StringEquals": {"aws:RequestTag/team": "red"}, "ForAllValues:StringEquals": {"aws:TagKeys": "team"}}}
    ]}"#;
    assert_snapshot!(remarks(Kind::Identity, text), @"");
}

#[test]
fn set_operators_for_keys_with_one_value() {
    let text = r#"{"Version": "2012-10-17", "Statement": {
      "Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {
        "ForAllValues:StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
        "ForAnyValue:StringLike": {"token.actions.githubusercontent.com:sub": "repo:o/r:*"}
      }}}"#;
    assert_snapshot!(remarks(Kind::Trust, text), @r"
    Statement[0].Condition.ForAllValues:StringEquals.token.actions.githubusercontent.com:aud: `token.actions.githubusercontent.com:aud` has one value at most: `ForAllValues:StringEquals` is for keys with several, and is met without the key (use `StringEquals`)
    Statement[0].Condition.ForAnyValue:StringLike.token.actions.githubusercontent.com:sub: `token.actions.githubusercontent.com:sub` has one value at most: `ForAnyValue:StringLike` is for keys with several (use `StringLike`)
    ");
}

/// A document of so many characters beside white space.
fn sized(characters: usize) -> String {
    let text = |sid: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Sid": "{sid}", "Effect": "Deny", "Action": "*", "Resource": "*"}}}}"#
        )
    };
    let least = text("").chars().filter(|c| !c.is_whitespace()).count();
    text(&"a".repeat(characters - least))
}

#[test]
fn sizes_near_a_limit_and_beyond_it() {
    let mut all = String::new();
    for (kind, sizes) in [
        (Kind::Identity, &[5_529, 5_530, 6_144, 6_145, 10_240, 10_241][..]),
        (Kind::ServiceControl, &[5_121, 9_216, 10_240, 10_241]),
    ] {
        for size in sizes {
            let remarks = lint(&sized(*size), kind);
            let shown =
                remarks.iter().map(|remark| format!("{:?}: {}", remark.advice.severity(), remark.advice));
            let _ = writeln!(all, "{size} {}", shown.collect::<Vec<_>>().join("; "));
        }
    }
    assert_snapshot!(all, @r"
    5529 
    5530 Note: the document has 5530 characters, nearly the 6144 that a managed policy may have
    6144 Note: the document has 6144 characters, nearly the 6144 that a managed policy may have
    6145 Warning: the document has 6145 characters, more than the 6144 that a managed policy may have
    10240 Warning: the document has 10240 characters, more than the 6144 that a managed policy may have
    10241 Error: the document has 10241 characters, more than the 10240 that all inline policies of a role together may have
    5121 
    9216 Note: the document has 9216 characters, nearly the 10240 that a service control policy may have
    10240 Note: the document has 10240 characters, nearly the 10240 that a service control policy may have
    10241 Error: the document has 10241 characters, more than the 10240 that a service control policy may have
    ");
}

#[test]
fn a_trust_policy_is_refused_beyond_the_highest_quota_only() {
    let is_refused = |size: usize| {
        let remarks = lint(&sized(size), Kind::Trust);
        let of_size = remarks.iter().find(|remark| matches!(remark.advice, Advice::Size { .. }));
        of_size.map(|remark| remark.advice.is_refused())
    };
    assert_eq!([1_800, 2_049, 4_097].map(is_refused), [None, Some(false), Some(true)]);
    let at_once = lint(&sized(5_121), Kind::ResourceControl);
    assert!(at_once.iter().any(|remark| remark.advice.is_refused()));
}

#[test]
fn a_statement_that_contradicts_itself_is_said_to_be_never_met() {
    let statement = |condition: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {condition}}}}}"#
        )
    };
    let never = |condition: &str| {
        let remarks = lint(&statement(condition), Kind::Identity);
        remarks.iter().map(|remark| remark.advice.clone()).collect::<Vec<_>>() == [Advice::NeverMet]
    };
    let team = r#""aws:PrincipalTag/team""#;
    assert!(never(&format!(
        r#"{{"StringEquals": {{{team}: "a"}}, "StringNotEquals": {{{team}: ["a", "b"]}}}}"#
    )));
    assert!(never(&format!(r#"{{"Null": {{{team}: "true"}}, "StringLike": {{{team}: "*"}}}}"#)));
    assert!(!never(&format!(r#"{{"StringEquals": {{{team}: "a"}}, "StringNotEquals": {{{team}: "b"}}}}"#)));
}

/// What is said of the policies that AWS itself writes. Few are wrong by accident, so that each line is one of these:
///
/// - actions of services that are gone (`iotevents`, `evidently`, `codestar`, `deeplens`, `deepracer`), or too new for the list;
/// - actions among resources of others that they were copied to (SageMaker's, EMR's, MSK's, Batch's), which other statements allow as
///   well;
/// - mistakes: `s3:ListBucketMultipartUploads` on objects, `logs:…:/aws-glue/*` for log groups, `eks:DeleteAccessEntry` on a cluster,
///   `aws:TagKeys` of actions that describe, set operators for keys with one value;
/// - resources that AWS's page on the service doesn't have, though its own policy does (`securityagent`);
/// - `events:detail-type`, which AWS's page calls a list, and which is compared as one value.
#[test]
fn what_is_said_of_the_policies_that_aws_writes() {
    let mut by_policy: BTreeMap<String, usize> = BTreeMap::new();
    for name in catalogue::managed_policies() {
        let document = catalogue::managed_policy(name).unwrap().document;
        // Their size is for AWS to choose.
        for remark in lint(document, Kind::Identity).iter().filter(|remark| !remark.path.is_root()) {
            let what = match &remark.advice {
                Advice::UnknownAction { action: name, .. } | Advice::MatchesNoAction(name) => {
                    format!("no action {}", name.split(':').next().unwrap())
                }
                Advice::NoSuchResource { action, .. } => {
                    format!("no such resource {}", action.split(':').next().unwrap())
                }
                other => other.to_string(),
            };
            *by_policy.entry(format!("{what} @ {name}")).or_default() += 1;
        }
    }
    let mut all = String::new();
    for (what, times) in &by_policy {
        let _ = writeln!(all, "{times} {what}");
    }
    assert_snapshot!(all);
}
