//! What comes nearest to allowing a request, from the text of policies.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use insta::assert_snapshot;
use oarlock_iam::{
    Context, ContextValue, Decision, Failed, Kind, Layers, NearMiss, Policy, Principal, Request,
};

const ROLE: &str = "arn:aws:iam::111122223333:role/hub";

fn policy(name: &str, kind: Kind, statements: &str) -> Arc<Policy> {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Arc::new(Policy::parse(name, &text, kind).unwrap())
}

fn own(statements: &str) -> Arc<Policy> {
    policy("own", Kind::Identity, statements)
}

fn request(action: &str, resource: &str, keys: &[(&str, &str)]) -> Request {
    let one = |(key, value): &(&str, &str)| ((*key).to_owned(), ContextValue::One((*value).to_owned()));
    Request::new(Principal::aws(ROLE), action, resource, None, Context::complete(keys.iter().map(one)))
}

fn nearest(layers: &Layers, request: &Request) -> String {
    let explanation = layers.explain(request);
    assert_eq!(explanation.decision, Decision::ImplicitDeny);
    explanation.nearest.iter().map(shown).collect::<Vec<_>>().join("\n")
}

fn shown(miss: &NearMiss) -> String {
    let NearMiss { layer, level, statement, failed } = miss;
    let level = level.map(|level| format!(" level {level}")).unwrap_or_default();
    let Some(id) = statement else { return format!("{}{level}: nothing", layer.as_str()) };
    let failed: Vec<_> = failed
        .iter()
        .map(|failed| match failed {
            Failed::Condition { operator, key } => format!("{operator} {key}"),
            other => format!("{other:?}"),
        })
        .collect();
    format!("{}{level}: {} {}: {}", layer.as_str(), id.policy, id.statement, failed.join(", "))
}

#[test]
fn the_statement_of_the_action_is_nearer_than_one_that_fails_in_less() {
    let own = own(r#"
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::c/*",
         "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}, "Bool": {"aws:SecureTransport": "true"}}},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::d/*"}"#);
    let layers = Layers { identity: vec![own], ..Layers::default() };
    let request = request("s3:GetObject", "arn:aws:s3:::b/k", &[("aws:SecureTransport", "true")]);
    assert_snapshot!(nearest(&layers, &request), @"identity: own 1: Resource, StringEquals aws:principaltag/team");
}

#[test]
fn each_limit_that_lacks_is_named_even_where_it_has_no_statement() {
    let all = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
    let scp = |name: &str, statements: &str| vec![policy(name, Kind::ServiceControl, statements)];
    let layers = Layers {
        identity: vec![own(all)],
        boundary: Some(policy(
            "boundary",
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "eks:*", "Resource": "*"}"#,
        )),
        session: vec![policy(
            "session",
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::c/*"}"#,
        )],
        scps: vec![
            scp("root", all),
            scp("unit", r#"{"Effect": "Deny", "Action": "eks:*", "Resource": "*"}"#),
            scp("account", r#"{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}"#),
        ],
        endpoint: vec![policy(
            "endpoint",
            Kind::Endpoint,
            r#"{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "*", "Resource": "*"}"#,
        )],
        ..Layers::default()
    };
    assert_snapshot!(nearest(&layers, &request("s3:GetObject", "arn:aws:s3:::b/k", &[])), @r"
    permissions-boundary: boundary 0: Action
    session: session 0: Resource
    scp level 1: nothing
    scp level 2: account 0: Action
    endpoint: endpoint 0: Principal
    ");
}

#[test]
fn of_a_chain_across_accounts_only_the_side_that_lacks_is_named() {
    let spoke = "arn:aws:iam::444455556666:role/spoke";
    let trust = policy(
        "trust",
        Kind::Trust,
        r#"
        {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
         "Condition": {"StringEquals": {"sts:ExternalId": "x"}}},
        {"Effect": "Allow", "Principal": {"AWS": "777788889999"}, "Action": "sts:AssumeRole"}"#,
    );
    let allows = own(r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}"#);
    let request = request("sts:AssumeRole", spoke, &[]);
    let mut layers = Layers { identity: vec![allows], trust: Some(trust), ..Layers::default() };
    assert_snapshot!(nearest(&layers, &request), @"trust: trust 0: StringEquals sts:externalid");
    layers.identity.clear();
    assert_snapshot!(nearest(&layers, &request), @r"
    identity: nothing
    trust: trust 0: StringEquals sts:externalid
    ");
}

#[test]
fn within_an_account_either_side_could_grant_it_and_a_boundary_is_named_only_where_it_lacks() {
    let bucket = policy(
        "bucket",
        Kind::Resource,
        r#"
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/other"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#,
    );
    let put = own(r#"{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}"#);
    let mut layers = Layers { identity: vec![put], resource: Some(bucket), ..Layers::default() };
    let request = request("s3:GetObject", "arn:aws:s3:::b/k", &[]);
    assert_snapshot!(nearest(&layers, &request), @r"
    identity: own 0: Action
    resource: bucket 0: Principal
    ");
    layers.identity = vec![own(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#)];
    layers.boundary = Some(policy(
        "boundary",
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:Put*", "Resource": "*"}"#,
    ));
    assert_snapshot!(nearest(&layers, &request), @"permissions-boundary: boundary 0: Action");
}

#[test]
fn what_is_allowed_or_denied_has_no_near_miss() {
    let all = own(
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}"#,
    );
    let layers = Layers { identity: vec![all], ..Layers::default() };
    for action in ["s3:GetObject", "s3:PutObject"] {
        assert!(layers.explain(&request(action, "arn:aws:s3:::b/k", &[])).nearest.is_empty(), "{action}");
    }
}
