//! What holds of any policy of Argo CD, and that Argo CD's own code decides the same.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use facts::Outcome;
use oarlock_access::argocd_rbac::{ArgocdRbac, Ask, Subject};
use proptest::{prelude::*, sample::select};
use serde::Deserialize;
use serde_json::{Value, json};

/// A policy, and what Argo CD v3.5.3 answered: who, in which groups, asks what, and the answer.
#[derive(Deserialize)]
struct Answered {
    data: BTreeMap<String, String>,
    projects: Vec<Project>,
    questions: Vec<(String, Vec<String>, [String; 3], String)>,
}

#[derive(Deserialize)]
struct Project {
    name: String,
    roles: Value,
}

#[test]
fn argo_cds_own_code_decides_the_same() {
    let (mut count, mut wrong) = (0, Vec::new());
    for line in include_str!("data/argocd-rbac.jsonl").lines() {
        let answered: Answered = serde_json::from_str(line).unwrap();
        let rbac = with_projects(&answered.data, &answered.projects);
        for (id, groups, [resource, action, object], expected) in answered.questions {
            count += 1;
            let subject = Subject { id, groups };
            let ask = Ask::new(resource, action, object);
            let answer = match rbac.decide(&subject, &ask) {
                _ if rbac.is_refused() => "refused",
                Outcome::Allowed { .. } => "true",
                Outcome::Denied { .. } | Outcome::NotAllowed => "false",
                Outcome::Unknown { .. } => "unknown",
            };
            if answer != expected {
                wrong.push(format!("{answer} instead of {expected}: {subject:?} {ask:?}\n{line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} differ, first {}", wrong.len(), wrong[0]);
    assert!(count > 2000);
}

fn with_projects(data: &BTreeMap<String, String>, projects: &[Project]) -> ArgocdRbac {
    let projects: Vec<Value> = projects
        .iter()
        .map(|project| json!({"metadata": {"name": project.name}, "spec": {"roles": project.roles}}))
        .collect();
    ArgocdRbac::of_config(data).0.with_projects(&projects).0
}

const NAMES: [&str; 8] =
    ["ann", "dev", "ops", "role:a", "role:b", "role:admin", "role:readonly", "proj:shop:ci"];

fn grouping() -> impl Strategy<Value = String> {
    (select(&NAMES[..]), select(&NAMES[..])).prop_map(|(member, role)| format!("g, {member}, {role}"))
}

fn rule(effect: &'static [&'static str]) -> impl Strategy<Value = String> {
    let resources = ["*", "applications", "logs", "\"{logs,exec}\"", "app*"];
    let actions = ["*", "get", "sync", "delete", "delete/*"];
    let objects = ["*", "*/*", "shop/*", "shop/web", "*/team/*"];
    (
        select(&NAMES[..]),
        select(resources.to_vec()),
        select(actions.to_vec()),
        select(objects.to_vec()),
        select(effect),
    )
        .prop_map(|(name, resource, action, object, effect)| {
            format!("p, {name}, {resource}, {action}, {object}, {effect}")
        })
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![grouping(), rule(&["allow", "allow", "deny"])]
}

fn subject() -> impl Strategy<Value = Subject> {
    (select(vec!["ann", "admin", "proj:shop:ci"]), prop::collection::vec(select(&NAMES[..]), 0..3))
        .prop_map(|(id, groups)| Subject::new(id).in_groups(groups))
}

fn ask() -> impl Strategy<Value = Ask> {
    let actions = ["get", "sync", "delete", "delete//Pod/web/front"];
    (
        select(vec!["applications", "logs", "exec"]),
        select(actions.to_vec()),
        select(vec!["shop/web", "shop/team/web", "bank/web"]),
    )
        .prop_map(|(resource, action, object)| Ask::new(resource, action, object))
}

fn default_role() -> impl Strategy<Value = &'static str> {
    select(vec!["", "role:readonly", "role:a"])
}

fn rbac(lines: &[String], default_role: &str) -> ArgocdRbac {
    let data = BTreeMap::from([
        ("policy.csv".to_owned(), lines.join("\n")),
        ("policy.default".to_owned(), default_role.to_owned()),
    ]);
    let (rbac, problems) = ArgocdRbac::of_config(&data);
    assert!(problems.is_empty());
    rbac
}

/// The answer without the line that decides, of which there may be several.
fn word(rbac: &ArgocdRbac, subject: &Subject, ask: &Ask) -> &'static str {
    match rbac.decide(subject, ask) {
        Outcome::Allowed { .. } => "allowed",
        Outcome::Denied { .. } => "denied",
        Outcome::NotAllowed => "not allowed",
        Outcome::Unknown { .. } => "unknown",
    }
}

proptest! {
    #[test]
    fn another_allow_takes_nothing_away(
        lines in prop::collection::vec(line(), 0..12), more in rule(&["allow"]), default in default_role(),
        subject in subject(), ask in ask(),
    ) {
        let before = rbac(&lines, default).decide(&subject, &ask).is_allowed();
        let lines: Vec<String> = lines.into_iter().chain([more]).collect();
        prop_assert!(!before || rbac(&lines, default).decide(&subject, &ask).is_allowed());
    }

    #[test]
    fn another_deny_gives_nothing(
        lines in prop::collection::vec(line(), 0..12), more in rule(&["deny"]), default in default_role(),
        subject in subject(), ask in ask(),
    ) {
        let after: Vec<String> = lines.iter().cloned().chain([more]).collect();
        let after = rbac(&after, default).decide(&subject, &ask).is_allowed();
        prop_assert!(!after || rbac(&lines, default).decide(&subject, &ask).is_allowed());
    }

    #[test]
    fn without_a_deny_another_grouping_takes_nothing_away(
        lines in prop::collection::vec(prop_oneof![grouping(), rule(&["allow"])], 0..12), more in grouping(),
        default in default_role(), subject in subject(), ask in ask(),
    ) {
        let before = rbac(&lines, default).decide(&subject, &ask).is_allowed();
        let lines: Vec<String> = lines.into_iter().chain([more]).collect();
        prop_assert!(!before || rbac(&lines, default).decide(&subject, &ask).is_allowed());
    }

    #[test]
    fn the_order_of_lines_and_groups_does_not_matter(
        (lines, shuffled) in prop::collection::vec(line(), 0..12)
            .prop_flat_map(|lines| (Just(lines.clone()), Just(lines).prop_shuffle())),
        default in default_role(), subject in subject(), ask in ask(),
    ) {
        let mut turned = subject.clone();
        turned.groups.reverse();
        let answer = word(&rbac(&lines, default), &subject, &ask);
        prop_assert_eq!(word(&rbac(&shuffled, default), &turned, &ask), answer);
    }

    #[test]
    fn whoever_is_allowed_is_among_the_holders(
        lines in prop::collection::vec(line(), 0..12), default in default_role(), subject in subject(), ask in ask(),
    ) {
        let rbac = rbac(&lines, default);
        let holders = rbac.holders(&ask);
        let names = |name: &str, as_group: bool| {
            holders.iter().any(|holder| holder.name == name && (holder.as_group || !as_group))
        };
        let found = names("", false)
            || names(&subject.id, false)
            || subject.groups.iter().any(|group| names(group, true));
        prop_assert_eq!(found, rbac.decide(&subject, &ask).is_allowed());
    }

    #[test]
    fn whatever_a_policy_says_reading_it_ends(text in ".{0,80}", mode in select(vec!["glob", "regex"])) {
        let data = BTreeMap::from([
            ("policy.csv".to_owned(), format!("{text}\np, ann, {text}, {text}, {text}, allow")),
            ("policy.matchMode".to_owned(), mode.to_owned()),
            ("scopes".to_owned(), text.clone()),
        ]);
        let (rbac, problems) = ArgocdRbac::of_config(&data);
        prop_assert_eq!(rbac.is_refused(), !problems.is_empty());
        let _ = rbac.decide(&Subject::new("ann"), &Ask::new(&text, &text, &text));
    }
}
