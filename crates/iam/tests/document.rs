//! From raw text to documents and back.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use iam::{AnyDocument, Document, Effect, Element, Kind, Parsed, Principals, Reason, Statement};
use oarlock_iam as iam;
use proptest::prelude::*;

fn parse(text: &str) -> Document {
    let json = serde_json::from_str(text).unwrap();
    Parsed::of_text(text, Kind::of(&json)).legal().unwrap()
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
    let denied =
        Document::new(one.statements.iter().cloned().map(|s| Statement { effect: Effect::Deny, ..s }));
    assert!(!one.is_same_as(&denied));
    assert_eq!(one.statements[0].principals, Some(Element::Only(Principals::aws(["*"]))));
}

#[test]
fn what_aws_would_refuse_is_kept_as_it_stands() {
    let text = r#"{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}"}}"#;
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    let any = AnyDocument::of(json.clone(), Kind::Identity);
    let AnyDocument::Raw { because, .. } = &any else { panic!("{text}") };
    let variable = Reason::VariableInOldVersion("arn:aws:s3:::b/${aws:username}".to_owned());
    assert_eq!(because.0.reason, variable);
    assert_eq!(*any.to_json(), json);
    assert!(!any.is_same_as(&Document::capability_trust()));
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
    let documents = Document::new([statement]).split(iam::MANAGED_POLICY_LIMIT).unwrap();
    assert!(documents.len() > 1);
    assert!(documents.iter().all(|document| document.size() <= iam::MANAGED_POLICY_LIMIT));
    let mut all: Vec<String> =
        documents.iter().flat_map(|d| &d.statements).flat_map(|s| s.listed_resources()).cloned().collect();
    all.sort();
    assert_eq!(all, roles);
}

#[test]
fn one_resource_too_long_cannot_be_split() {
    let statement = Statement::allow("X", ["s3:GetObject"]).on(["x".repeat(3000)]);
    assert_eq!(Document::new([statement]).split(2048), None);
}

fn words() -> impl Strategy<Value = std::collections::BTreeSet<String>> {
    proptest::collection::btree_set("[a-z]{1,6}:[A-Za-z*]{1,8}", 1..4)
}

fn arns() -> impl Strategy<Value = std::collections::BTreeSet<String>> {
    proptest::collection::btree_set(r"arn:aws:iam::[0-9]{12}:role/[a-z]{1,5}", 1..4)
}

/// One way or the other.
fn element<T: std::fmt::Debug>(listed: impl Strategy<Value = T>) -> impl Strategy<Value = Element<T>> {
    (any::<bool>(), listed)
        .prop_map(|(only, listed)| if only { Element::Only(listed) } else { Element::AllBut(listed) })
}

prop_compose! {
    fn statements(principals: bool)(
        deny in any::<bool>(), who in element(arns()), services in proptest::option::of(words()), actions in element(words()),
        resources in element(arns()), keys in proptest::collection::btree_map("[a-z]{1,5}:[a-z]{1,5}", words(), 0..3),
    ) -> Statement {
        let effect = if deny || matches!(who, Element::AllBut(_)) { Effect::Deny } else { Effect::Allow };
        let with_services = |aws| Principals { aws, service: services.clone().unwrap_or_default(), ..Principals::default() };
        let who = match who {
            Element::Only(aws) => Element::Only(with_services(aws)),
            Element::AllBut(aws) => Element::AllBut(with_services(aws)),
        };
        Statement {
            sid: String::new(),
            effect,
            principals: principals.then_some(who),
            actions,
            resources: Some(resources),
            conditions: if keys.is_empty() { Default::default() } else { [("StringEquals".to_owned(), keys)].into() },
        }
    }
}

fn documents() -> impl Strategy<Value = Document> {
    any::<bool>()
        .prop_flat_map(|principals| proptest::collection::vec(statements(principals), 1..4))
        .prop_map(Document::new)
}

proptest! {
    #[test]
    fn printing_and_parsing_give_the_same_document(document in documents()) {
        let text = serde_json::to_string(&document).unwrap();
        prop_assert_eq!(parse(&text), document);
    }

    #[test]
    fn the_order_of_statements_is_irrelevant(document in documents()) {
        let mut statements = document.statements.clone();
        statements.reverse();
        prop_assert!(document.is_same_as(&Document::new(statements)));
    }
}
