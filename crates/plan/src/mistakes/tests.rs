//! From the raw text of a policy to what is said of it.

use std::collections::BTreeMap;

use facts::Place;
use serde_json::json;

use super::*;
use crate::Location;

const ISSUER: &str = "oidc.eks.eu-west-1.amazonaws.com/id/ABC";

fn role(trust: &str) -> IamRole {
    IamRole {
        arn: "arn:aws:iam::111122223333:role/argocd".parse().unwrap(),
        role_id: None,
        create_date: None,
        description: None,
        trust: serde_json::from_str(trust).unwrap(),
        inline_policies: BTreeMap::new(),
        managed_policies: BTreeMap::new(),
        permissions_boundary: None,
        places: Default::default(),
        tags: BTreeMap::new(),
        place: Place::file("iam.json"),
    }
}

fn ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.id.as_ref()).collect()
}

fn trusted(kind: &str, trust: &str) -> Vec<Finding> {
    let named_by = BTreeSet::from([ObjectId {
        location: Location::Account("111122223333".parse().unwrap()),
        kind: kind.to_owned(),
        name: "argocd/x".to_owned(),
    }]);
    trust::of(&Used { role: &role(trust), named_by: &named_by })
}

/// What is said of the trust policy of a role that `kind` names.
fn check(kind: &str, statement: serde_json::Value, expected: &[&str]) {
    let text = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
    let findings = trusted(kind, &text);
    assert_eq!(ids(&findings), expected, "{findings:#?}");
}

fn irsa(condition: serde_json::Value) -> serde_json::Value {
    let provider = format!("arn:aws:iam::111122223333:oidc-provider/{ISSUER}");
    json!({
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    })
}

#[test]
fn what_the_plan_itself_writes_is_in_order() {
    let arn = "arn:aws:eks:eu-west-1:111122223333:cluster/hub".parse().unwrap();
    let pods = iam::Document::pod_identity_trust(&arn, "argocd", "argocd-server");
    assert!(trusted("pod identity association", &pods.to_json().to_string()).is_empty());
    let hub = "arn:aws:iam::111122223333:role/oarlock-hub-server".parse().unwrap();
    assert!(trusted("Secret", &iam::Document::role_trust([&hub], true).to_json().to_string()).is_empty());
    let subject = "system:serviceaccount:argocd:argocd-server";
    let right = json!({ (format!("{ISSUER}:aud")): "sts.amazonaws.com", (format!("{ISSUER}:sub")): subject });
    check("ServiceAccount", irsa(json!({ "StringEquals": right })), &[]);
}

#[test]
fn the_control_plane_is_not_a_pod() {
    let statement =
        |action| json!({"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": action});
    check("ServiceAccount", statement("sts:AssumeRole"), &["trust-of-the-control-plane"]);
    let both = ["trust-of-the-control-plane", "trust-action-does-not-fit"];
    check("ServiceAccount", statement("sts:AssumeRoleWithWebIdentity"), &both);
    let denied = json!([{"Effect": "Deny", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "*"}]);
    check("ServiceAccount", denied, &[]);
}

#[test]
fn an_oidc_provider_needs_the_web_identity_action() {
    let statement = json!({
        "Effect": "Allow", "Principal": {"Federated": format!("arn:aws:iam::111122223333:oidc-provider/{ISSUER}")},
        "Action": ["sts:AssumeRole"],
    });
    check("ServiceAccount", statement, &["trust-action-does-not-fit"]);
}

#[test]
fn condition_keys_that_no_request_has_are_named() {
    for key in [
        "eks:cluster-name",
        "sts:ServiceAccount",
        "oidc.eks:sub",
        "oidc.eks.eu-west-1.amazonaws.com/id/OTHER:aud",
    ] {
        check("ServiceAccount", irsa(json!({ "StringEquals": { key: "x" } })), &["trust-key-never-there"]);
    }
    for key in ["aws:SourceVpc", "sts:RoleSessionName", "STS:externalid", "iam:x", "sts:RequestContext/x"] {
        check("ServiceAccount", irsa(json!({ "StringEquals": { key: "x" } })), &[]);
    }
}

#[test]
fn an_absent_key_closes_or_opens_by_its_operator() {
    let said = |operator: &str| {
        let statement = irsa(json!({ operator: { "eks:cluster-name": "hub" } }));
        trusted("ServiceAccount", &json!({ "Statement": statement }).to_string()).remove(0).message
    };
    assert!(said("StringEquals").ends_with("`StringEquals` is never met"));
    assert!(said("StringNotEquals").ends_with("`StringNotEquals` holds for everybody"));
    assert!(said("StringEqualsIfExists").ends_with("holds for everybody"));
}

#[test]
fn subjects_that_no_token_has_are_named() {
    let sub = format!("{ISSUER}:sub");
    let with = |operator: &str, subject: &str| irsa(json!({ operator: { sub.as_str(): subject } }));
    let wrong = &["trust-subject-never-matches"];
    check("ServiceAccount", with("StringEquals", "system:serviceaccount:argocd:*"), wrong);
    check("ServiceAccount", with("StringEquals", "argocd/argocd-server"), wrong);
    check("ServiceAccount", with("StringLike", "argocd:argocd-server"), wrong);
    check("ServiceAccount", with("StringLike", "system:serviceaccount:argocd:*"), &[]);
}

#[test]
fn pod_identity_always_tags_its_sessions() {
    let statement = |action| json!({"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": action});
    check("pod identity association", statement(json!("sts:AssumeRole")), &["trust-without-tag-session"]);
    check("pod identity association", statement(json!(["sts:AssumeRole", "STS:tagsession"])), &[]);
}

#[test]
fn argo_cd_sends_no_external_id() {
    let hub = |condition| {
        json!({
            "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole",
            "Condition": condition,
        })
    };
    let id = || json!({ "StringEquals": { "sts:ExternalId": "argocd" } });
    check("Secret", hub(id()), &["trust-wants-external-id"]);
    check("Secret", json!([hub(id()), hub(json!({}))]), &[]);
    check("pod identity association", hub(id()), &[]);
}

fn permitted(policies: &[(&str, serde_json::Value)], managed: &[&str]) -> Vec<Finding> {
    let mut role = role("{}");
    let document = |statement: &serde_json::Value| json!({ "Statement": statement });
    role.inline_policies = policies.iter().map(|(name, s)| ((*name).to_owned(), document(s))).collect();
    role.managed_policies = managed.iter().map(|arn| ((*arn).to_owned(), None)).collect();
    permissions::of(&role)
}

#[test]
fn a_role_that_may_write_iam_is_a_warning_however_it_is_written() {
    let statements = [
        json!({"Effect": "Allow", "Action": "iam:AttachRolePolicy", "Resource": "*"}),
        json!([{"Effect": "Allow", "Action": ["sts:AssumeRole", "iam:Put*"], "Resource": "*"}]),
        json!({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}),
        json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
    ];
    for statement in statements {
        assert_eq!(ids(&permitted(&[("p", statement.clone())], &[])), ["role-may-write-iam"], "{statement}");
    }
    let administrator = permitted(&[], &["arn:aws:iam::aws:policy/AdministratorAccess"]);
    assert_eq!(ids(&administrator), ["role-may-write-iam"]);
}

#[test]
fn assuming_roles_is_all_that_argo_cd_needs() {
    let assume = json!({"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": "*"});
    assert!(permitted(&[("p", assume)], &[]).is_empty());
    let describe = json!({"Effect": "Allow", "Action": "eks:DescribeCluster", "Resource": "*"});
    assert_eq!(ids(&permitted(&[("p", describe)], &[])), ["role-may-call-eks"]);
    let denied = json!({"Effect": "Deny", "Action": "iam:*", "Resource": "*"});
    assert!(permitted(&[("p", denied)], &[]).is_empty());
}

#[test]
fn policies_for_eks_itself_give_nothing_in_kubernetes() {
    let findings = permitted(&[], &["arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"]);
    assert_eq!(ids(&findings), ["role-has-policy-of-eks"]);
}
