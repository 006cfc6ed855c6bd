//! From raw text to documents and back.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use iam::{AnyDocument, Document, DocumentError, Effect, Principals, Statement};
use oarlock_iam as iam;
use proptest::prelude::*;

fn parse(text: &str) -> Document {
    Document::parse(text).unwrap()
}

#[test]
fn irsa_trust_is_the_text_of_the_user_guide() {
    let account = "111122223333".parse().unwrap();
    let trust = Document::irsa_trust(
        facts::Partition::Aws,
        &account,
        "https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE",
        "argocd",
        "argocd-server",
    );
    let expected = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Irsa","Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:aud":"sts.amazonaws.com","oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub":"system:serviceaccount:argocd:argocd-server"}}}]}"#;
    assert_eq!(serde_json::to_string(&trust).unwrap(), expected);
}

#[test]
fn pod_identity_trust_has_both_actions_and_the_request_tags() {
    let cluster = "arn:aws:eks:eu-west-1:111122223333:cluster/hub".parse().unwrap();
    let expected = r#"{"Version":"2012-10-17","Statement":[{"Sid":"PodIdentity","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:eu-west-1:111122223333:cluster/hub","aws:RequestTag/kubernetes-namespace":"argocd","aws:RequestTag/kubernetes-service-account":"argocd-server"}}}]}"#;
    let trust = Document::pod_identity_trust(&cluster, "argocd", "argocd-server");
    assert_eq!(trust.to_json().to_string(), expected);
}

#[test]
fn role_trust_names_the_roles_and_tags_only_where_asked() {
    let role = "arn:aws:iam::111122223333:role/hub".parse().unwrap();
    let action = |tags| Document::role_trust([&role], tags).to_json()["Statement"][0]["Action"].to_string();
    assert_eq!(action(false), r#""sts:AssumeRole""#);
    assert_eq!(action(true), r#"["sts:AssumeRole","sts:TagSession"]"#);
    let capability = Document::capability_trust().to_json();
    assert_eq!(capability["Statement"][0]["Principal"]["Service"], "capabilities.eks.amazonaws.com");
}

#[test]
fn shapes_that_say_the_same_are_the_same() {
    let one = parse(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"STS:assumeRole","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":true}}}}"#,
    );
    let other = parse(
        r#"{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"a","Effect":"Allow","Action":["sts:AssumeRole"],"Principal":{"AWS":["*"]},"Condition":{"Bool":{"aws:SecureTransport":["true"]}}}]}"#,
    );
    assert!(one.is_same_as(&other));
    let denied = Document {
        statements: one.statements.iter().cloned().map(|s| Statement { effect: Effect::Deny, ..s }).collect(),
    };
    assert!(!one.is_same_as(&denied));
    assert_eq!(one.statements[0].principals, Some(Principals::Aws(["*".to_owned()].into())));
}

#[test]
fn what_is_not_modelled_is_kept_as_it_stands() {
    for (text, what) in [
        (
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}"#,
            "`NotAction`",
        ),
        (
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"x"},"Action":"*"}}"#,
            "`NotPrincipal`",
        ),
        (
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"x","Service":"y"},"Action":"a:b"}}"#,
            "principals of several kinds in one statement",
        ),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}"}}"#,
            "variables in version 2008-10-17",
        ),
    ] {
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        let any = AnyDocument::of(json.clone());
        let AnyDocument::Raw { because, .. } = &any else { panic!("{text}") };
        assert_eq!(*because, DocumentError::NotModelled(what.to_owned()));
        assert_eq!(*any.to_json(), json);
        assert!(!any.is_same_as(&Document::capability_trust()));
    }
}

#[test]
fn what_is_no_policy_is_refused() {
    for text in ["", "[]", "{}", r#"{"Statement":[{"Effect":"allow"}]}"#, r#"{"Statement":"x"}"#] {
        assert!(matches!(Document::parse(text), Err(DocumentError::Malformed(_))), "{text}");
    }
}

#[test]
fn white_space_does_not_count() {
    let text = r#"{ "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "a:b", "Resource": "*" } ] }"#;
    assert_eq!(parse(text).size(), text.replace(' ', "").len());
}

#[test]
fn a_large_policy_is_split_within_the_limit_and_says_the_same() {
    let roles: Vec<String> =
        (0..500).map(|n| format!("arn:aws:iam::111122223333:role/oarlock-hub-{n:04}")).collect();
    let statement = Statement::allow("AssumeSpokes", ["sts:AssumeRole"]).on(roles.clone());
    let documents = Document { statements: vec![statement] }.split(iam::MANAGED_POLICY_LIMIT).unwrap();
    assert!(documents.len() > 1);
    assert!(documents.iter().all(|document| document.size() <= iam::MANAGED_POLICY_LIMIT));
    let mut all: Vec<String> =
        documents.iter().flat_map(|d| &d.statements).flat_map(|s| s.resources.iter().cloned()).collect();
    all.sort();
    assert_eq!(all, roles);
}

#[test]
fn one_resource_too_long_cannot_be_split() {
    let statement = Statement::allow("X", ["s3:GetObject"]).on(["x".repeat(3000)]);
    assert_eq!(Document { statements: vec![statement] }.split(2048), None);
}

fn words() -> impl Strategy<Value = std::collections::BTreeSet<String>> {
    proptest::collection::btree_set("[a-z]{1,6}:[A-Za-z*]{1,8}", 1..4)
}

prop_compose! {
    fn statements()(
        sid in "[A-Za-z0-9]{0,6}", deny in any::<bool>(), kind in 0..4, who in words(), actions in words(),
        resources in proptest::option::of(words()), keys in proptest::collection::btree_map("[a-z]{1,5}:[a-z]{1,5}", words(), 0..3),
    ) -> Statement {
        let first = || who.iter().next().cloned().unwrap_or_default();
        Statement {
            sid,
            effect: if deny { Effect::Deny } else { Effect::Allow },
            principals: match kind {
                0 => None,
                1 => Some(Principals::Aws(who.clone())),
                2 => Some(Principals::Service(first())),
                _ => Some(Principals::Federated(first())),
            },
            actions,
            resources: resources.unwrap_or_default(),
            conditions: if keys.is_empty() { Default::default() } else { [("StringEquals".to_owned(), keys)].into() },
        }
    }
}

proptest! {
    #[test]
    fn printing_and_parsing_give_the_same_document(statements in proptest::collection::vec(statements(), 0..4)) {
        let document = Document { statements };
        let text = serde_json::to_string(&document).unwrap();
        prop_assert_eq!(Document::parse(&text).unwrap(), document);
    }

    #[test]
    fn the_order_of_statements_is_irrelevant(mut statements in proptest::collection::vec(statements(), 0..4)) {
        let document = Document { statements: statements.clone() };
        statements.reverse();
        let reversed = Document { statements };
        prop_assert!(document.is_same_as(&reversed));
    }
}
