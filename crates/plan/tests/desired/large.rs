//! Fleets for which a policy with all names is too long.

use std::fmt::Write as _;

use oarlock_plan::desired::{Wanted, desired};

use crate::fleet::{AUTHORITY, fleet, input, needs, role};

fn spec(clusters: usize, accounts: usize, more: &str) -> String {
    let mut spec = format!(
        "  hub:\n    arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub\n    argocd: {{version: '3.5'}}\n{more}  clusters:\n"
    );
    for number in 0..clusters {
        let account = 400_000_000_000 + number % accounts;
        writeln!(spec, "  - arn: arn:aws:eks:us-east-1:{account}:cluster/prod-{number:04}").unwrap();
        writeln!(
            spec,
            "    endpoint: https://{number}.eks.amazonaws.com\n    certificateAuthority: {AUTHORITY}"
        )
        .unwrap();
    }
    spec
}

fn wanted(spec: &str) -> Wanted {
    let fleet = fleet(spec);
    desired(&input(&fleet), &needs(&fleet))
}

/// All resources that the controller's policies name.
fn named(wanted: &Wanted) -> Vec<String> {
    let role = role(wanted, "oarlock-hub-controller");
    let documents = role.inline_policies.values().chain(role.managed_policies.values());
    documents.flat_map(|document| &document.statements).flat_map(|s| s.listed_resources()).cloned().collect()
}

#[test]
fn a_hundred_names_fit_into_the_role() {
    let wanted = wanted(&spec(100, 10, ""));
    let role = role(&wanted, "oarlock-hub-controller");
    assert!(role.managed_policies.is_empty());
    assert_eq!(named(&wanted).len(), 100);
    assert!(role.inline_policies.values().map(iam::Document::size).sum::<usize>() <= 10_240);
}

#[test]
fn five_hundred_names_are_split_into_managed_policies() {
    let wanted = wanted(&spec(500, 10, ""));
    let role = role(&wanted, "oarlock-hub-server");
    assert!(role.inline_policies.is_empty());
    assert!((2..=10).contains(&role.managed_policies.len()));
    for (name, document) in &role.managed_policies {
        assert!(name.len() <= 128 && document.size() <= 6_144, "{name}: {}", document.size());
    }
    let mut names = named(&wanted);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 500, "each role is named exactly once");
    assert!(names.iter().all(|name| !name.contains('*')));
    assert!(wanted.notes.iter().any(|note| note.id == "assume-role-policy-split"));
}

#[test]
fn a_thousand_names_give_way_to_the_prefix_in_named_accounts() {
    let wanted = wanted(&spec(1_000, 20, ""));
    assert_eq!(named(&wanted).len(), 20);
    assert_eq!(named(&wanted)[0], "arn:aws:iam::400000000000:role/oarlock-hub-*");
    let beyond = wanted.beyond.iter().filter(|beyond| beyond.object.name == "oarlock-hub-controller");
    assert_eq!(beyond.map(|beyond| beyond.expansion.len()).sum::<usize>(), 1_000);
    assert!(wanted.notes.iter().any(|note| note.id == "assume-role-policy-by-prefix"));
}

#[test]
fn with_an_account_for_each_cluster_the_organisation_is_the_limit() {
    let wanted = wanted(&spec(1_000, 1_000, "  organization: o-acme123456\n"));
    assert_eq!(named(&wanted), ["arn:aws:iam::*:role/oarlock-hub-*"]);
    let role = role(&wanted, "oarlock-hub-controller");
    let statement = &role.inline_policies["assume-spoke-roles"].statements[0];
    let expected = [("aws:ResourceOrgID".to_owned(), ["o-acme123456".to_owned()].into())].into();
    assert_eq!(statement.conditions["StringEquals"], expected);
}

#[test]
fn without_the_organisation_nothing_reaches_into_everybodys_accounts() {
    let wanted = wanted(&spec(1_000, 1_000, ""));
    assert!(named(&wanted).is_empty());
    assert!(wanted.findings.iter().any(|finding| finding.id == "assume-role-policy-too-long"));
    assert!(wanted.unknown.iter().any(|gap| gap.what.contains("hub roles may assume")));
}

#[test]
fn one_role_for_each_account_needs_few_names() {
    let wanted = wanted(&spec(1_000, 20, "  roles: per-account\n"));
    assert_eq!(named(&wanted).len(), 20);
    assert!(named(&wanted).iter().all(|name| name.ends_with(":role/oarlock-hub-spoke")));
}

#[test]
fn one_role_for_all_is_in_the_hubs_account() {
    let wanted = wanted(&spec(1_000, 20, "  roles: shared\n"));
    assert_eq!(named(&wanted), ["arn:aws:iam::111122223333:role/oarlock-hub-spokes"]);
}
