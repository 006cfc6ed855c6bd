//! From raw YAML to decisions: the case files under `cases/`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeSet;

use facts::{Gap, Outcome};
use oarlock_rbac::{Binding, Identity, Policy, PolicyRule, Request, Role, authorize, compile};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    objects: Vec<serde_json::Value>,
    /// Short for a ClusterRole with these rules, bound cluster-wide to the user `u`.
    #[serde(default)]
    rules: Vec<PolicyRule>,
    /// What was not read.
    gap: Option<String>,
    #[serde(default)]
    allowed: Vec<String>,
    #[serde(default)]
    denied: Vec<String>,
    #[serde(default)]
    unknown: Vec<String>,
}

impl Case {
    fn policy(&self) -> Policy {
        let (mut roles, mut bindings) = (Vec::new(), Vec::new());
        for object in &self.objects {
            match object["kind"].as_str().unwrap() {
                "Role" | "ClusterRole" => roles.push(serde_json::from_value::<Role>(object.clone()).unwrap()),
                _ => bindings.push(serde_json::from_value::<Binding>(object.clone()).unwrap()),
            }
        }
        if !self.rules.is_empty() {
            roles.push(
                serde_json::from_value(serde_json::json!({"metadata": {"name": "r"}, "rules": self.rules}))
                    .unwrap(),
            );
            bindings.push(
                serde_json::from_value(serde_json::json!({
                    "metadata": {"name": "b"},
                    "roleRef": {"kind": "ClusterRole", "name": "r"},
                    "subjects": [{"kind": "User", "name": "u"}],
                }))
                .unwrap(),
            );
        }
        Policy::new(roles, bindings, self.gap.iter().map(|gap| Gap::new(gap.clone(), "AccessDenied")))
    }
}

/// `user [groups]: verb resource.group/subresource named NAME in NAMESPACE`, `sa:ns:name: …`, `user: verb /path`.
fn parse(text: &str) -> (Identity, Request) {
    let (who, what) = text.rsplit_once(": ").unwrap();
    let (user, groups) = match who.split_once(" [") {
        Some((user, groups)) => (user, groups.trim_end_matches(']').split(',').map(str::to_owned).collect()),
        None => (who, BTreeSet::new()),
    };
    let identity = match user.strip_prefix("sa:").and_then(|account| account.split_once(':')) {
        Some((namespace, name)) => Identity::service_account(namespace, name),
        None => Identity { user: user.to_owned(), groups },
    };
    let words: Vec<&str> = what.split(' ').collect();
    if words[1].starts_with('/') {
        return (identity, Request::path(words[0], words[1]));
    }
    let (resource, sub) = words[1].split_once('/').map_or((words[1], None), |(r, sub)| (r, Some(sub)));
    let (plural, group) = resource.split_once('.').unwrap_or((resource, ""));
    let resource = sub.map_or(plural.to_owned(), |sub| format!("{plural}/{sub}"));
    let mut request = Request::resource(words[0], group, &resource);
    for pair in words[2..].chunks(2) {
        request = match pair {
            ["in", namespace] => request.in_namespace(namespace),
            ["named", name] => request.named(name),
            other => panic!("{text}: {other:?}"),
        };
    }
    (identity, request)
}

fn decided<By>(outcome: &Outcome<By>) -> &'static str {
    match outcome {
        Outcome::Allowed { .. } => "allowed",
        Outcome::Denied { .. } => "denied explicitly",
        Outcome::NotAllowed => "denied",
        Outcome::Unknown { .. } => "unknown",
    }
}

fn check(yaml: &str) -> usize {
    let cases: Vec<Case> = serde_saphyr::from_str(yaml).unwrap();
    let mut checked = 0;
    for case in &cases {
        let policy = case.policy();
        for (expected, requests) in
            [("allowed", &case.allowed), ("denied", &case.denied), ("unknown", &case.unknown)]
        {
            for text in requests {
                let (identity, request) = parse(text);
                let slow = authorize(&policy, &identity, &request);
                let compiled = compile(&policy, &identity);
                let fast = compiled.decide(&request);
                let held = policy.held(&identity).permissions.allows(&request);
                assert_eq!(decided(&slow), expected, "{}: {text}", case.name);
                assert_eq!(decided(&fast), expected, "compiled, {}: {text}", case.name);
                assert_eq!(held, expected == "allowed", "as a set, {}: {text}", case.name);
                if let (Outcome::Allowed { by: slow }, Outcome::Allowed { by: fast }) = (&slow, &fast) {
                    assert_eq!(slow, *fast, "by the same rule, {}: {text}", case.name);
                }
                checked += 1;
            }
        }
    }
    checked
}

#[test]
fn whole_policies_decide_as_in_kubernetes() {
    assert!(check(include_str!("cases/authorizer.yaml")) > 30);
}

#[test]
fn bindings_apply_to_the_subjects_that_kubernetes_says() {
    assert!(check(include_str!("cases/subjects.yaml")) > 25);
}

#[test]
fn rules_match_the_requests_that_kubernetes_says() {
    assert!(check(include_str!("cases/rules.yaml")) > 80);
}

#[test]
fn aggregated_roles_hold_what_the_controller_gathers() {
    assert!(check(include_str!("cases/aggregation.yaml")) > 6);
}

#[test]
fn what_was_not_read_makes_a_denial_unknown() {
    assert!(check(include_str!("cases/incomplete.yaml")) > 7);
}
