//! Argo CD's RBAC from the text of its ConfigMap to decisions: cases, and what holds of any policy.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use facts::{Outcome, Problem};
use oarlock_access::argocd_rbac::{ArgocdRbac, Ask, By, Found, HolderKind, Subject};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// `policy.csv` alone.
    policy: Option<String>,
    #[serde(default)]
    data: BTreeMap<String, String>,
    #[serde(default)]
    projects: Vec<Project>,
    subject: Option<Subject>,
    claims: Option<Value>,
    ask: [String; 3],
    outcome: String,
    by: Option<ExpectedBy>,
    #[serde(default)]
    problems: Vec<String>,
    /// Lines whose regular expression ended a run.
    #[serde(default)]
    broken: Vec<String>,
}

#[derive(Deserialize)]
struct Project {
    name: String,
    #[serde(default)]
    roles: Vec<Value>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct ExpectedBy {
    line: String,
    r#as: String,
    through: usize,
}

fn rbac(data: &BTreeMap<String, String>, projects: &[Project]) -> (ArgocdRbac, Vec<Problem>) {
    let (rbac, mut problems) = ArgocdRbac::of_config(data);
    let projects: Vec<Value> = projects
        .iter()
        .map(|project| json!({"metadata": {"name": project.name}, "spec": {"roles": project.roles}}))
        .collect();
    let (rbac, more) = rbac.with_projects(&projects);
    problems.extend(more);
    (rbac, problems)
}

fn asked([resource, action, object]: &[String; 3]) -> Ask {
    Ask::new(resource, action, object)
}

fn named(outcome: &Outcome<By>) -> (&'static str, Option<ExpectedBy>) {
    let by = |by: &By| {
        Some(ExpectedBy {
            line: by.line.source.to_string(),
            r#as: by.whom.name().to_owned(),
            through: by.through.len(),
        })
    };
    match outcome {
        Outcome::Allowed { by: line } => ("allowed", by(line)),
        Outcome::Denied { by: line } => ("denied", by(line)),
        Outcome::NotAllowed => ("not-allowed", None),
        Outcome::Unknown { .. } => ("unknown", None),
    }
}

#[test]
fn decisions_are_those_of_the_cases() {
    let cases: Vec<Case> = serde_saphyr::from_str(include_str!("argocd_rbac.yaml")).unwrap();
    let (mut names, mut wrong) = (BTreeSet::new(), Vec::new());
    for case in &cases {
        assert!(names.insert(&case.name), "{} is there twice", case.name);
        wrong.extend(differs(case).map(|what| format!("{}: {what}", case.name)));
    }
    assert!(cases.len() >= 100, "{} cases", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differs(case: &Case) -> Option<String> {
    let mut data = case.data.clone();
    data.extend(case.policy.iter().map(|policy| ("policy.csv".to_owned(), policy.clone())));
    let (rbac, problems) = rbac(&data, &case.projects);
    let places: Vec<String> = problems.iter().map(|problem| problem.place.to_string()).collect();
    let subject = match &case.claims {
        Some(claims) => rbac.subject_of(claims),
        None => case.subject.clone().unwrap(),
    };
    let explanation = rbac.explain(&subject, &asked(&case.ask));
    let broken: Vec<String> = explanation
        .passes
        .iter()
        .filter_map(|pass| {
            if let Found::Broken { by } = &pass.found { Some(by.line.source.to_string()) } else { None }
        })
        .collect();
    let (outcome, by) = named(&explanation.outcome());
    let wanted = (case.outcome.as_str(), &case.by, &case.problems);
    if (outcome, &by, &places) != wanted {
        return Some(format!("{:?} instead of {wanted:?}", (outcome, by, places)));
    }
    (!case.broken.is_empty() && broken != case.broken).then(|| format!("{broken:?} broke it"))
}

#[test]
fn who_can_names_everybody_that_the_policies_know() {
    let policy = "p, role:deploy, applications, sync, shop/*, allow\ng, dev, role:deploy\ng, ops, role:admin\n\
        p, eve, applications, sync, *, allow\np, eve, applications, sync, shop/*, deny";
    let project = Project {
        name: "shop".into(),
        roles: vec![json!({"name": "ci", "groups": ["robots"],
            "policies": ["p, proj:shop:ci, applications, sync, shop/*, allow"]})],
    };
    let (rbac, problems) = rbac(&BTreeMap::from([("policy.csv".into(), policy.into())]), &[project]);
    assert!(problems.is_empty());
    let holders = rbac.holders(&Ask::new("applications", "sync", "shop/web"));
    let found: Vec<_> =
        holders.iter().map(|holder| (holder.kind, holder.name.as_str(), holder.as_group)).collect();
    assert_eq!(
        found,
        [
            (HolderKind::Name, "admin", true),
            (HolderKind::Name, "dev", true),
            (HolderKind::Name, "ops", true),
            (HolderKind::ProjectRole, "proj:shop:ci", false),
            (HolderKind::Name, "robots", true),
            (HolderKind::Role, "role:admin", true),
            (HolderKind::Role, "role:deploy", false),
        ]
    );
}

#[test]
fn who_can_starts_with_everyone_where_the_default_role_may() {
    let data = BTreeMap::from([("policy.default".to_owned(), "role:readonly".to_owned())]);
    let (rbac, _) = ArgocdRbac::of_config(&data);
    let holders = rbac.holders(&Ask::new("logs", "get", "shop/web"));
    let kinds: Vec<_> = holders.iter().map(|holder| (holder.kind, holder.name.as_str())).collect();
    assert_eq!(kinds[0], (HolderKind::Everyone, ""));
    assert!(kinds.contains(&(HolderKind::Name, "admin")));
}

#[test]
fn a_refused_policy_says_so_and_lets_nobody_do_anything() {
    let data = BTreeMap::from([("policy.csv".to_owned(), "# fine\nq, ann\n\np, ann".to_owned())]);
    let (rbac, problems) = ArgocdRbac::of_config(&data);
    let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "argocd-rbac-cm, policy.csv:2: a line starts with `q`: Argo CD refuses the whole policy",
            "argocd-rbac-cm, policy.csv:4: a `p` line has 2 fields instead of 6: Argo CD refuses the whole policy",
        ]
    );
    let ask = Ask::new("projects", "get", "shop");
    assert!(rbac.is_refused() && rbac.explain(&Subject::new("admin"), &ask).refused);
    assert!(rbac.holders(&ask).is_empty());
}

#[test]
fn the_chain_is_there_for_display() {
    let policy = "g, dev, team\ng, team, role:deploy\np, role:deploy, applications, sync, shop/*, allow";
    let (rbac, _) = ArgocdRbac::of_config(&BTreeMap::from([("policy.csv".into(), policy.into())]));
    let subject = Subject::new("ann").in_groups(["guests", "dev"]);
    let explanation = rbac.explain(&subject, &Ask::new("applications", "sync", "shop/web"));
    assert_eq!(explanation.groups_without_role, ["guests"]);
    let json = serde_json::to_value(&explanation).unwrap();
    assert_eq!(
        json["passes"],
        json!([
            {"whom": {"as": "subject", "name": "ann"}, "project": null, "found": "nothing"},
            {"whom": {"as": "group", "name": "dev"}, "project": null, "found": "allowed", "by": {
                "line": {"source": {"in": "config", "key": "policy.csv", "line": 3},
                    "text": "p, role:deploy, applications, sync, shop/*, allow"},
                "whom": {"as": "group", "name": "dev"},
                "through": [
                    {"source": {"in": "config", "key": "policy.csv", "line": 1}, "text": "g, dev, team"},
                    {"source": {"in": "config", "key": "policy.csv", "line": 2}, "text": "g, team, role:deploy"},
                ]}},
        ])
    );
}
