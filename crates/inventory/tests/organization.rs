//! From what `aws organizations` prints to the policies that bind an account.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use facts::Gap;
use oarlock_inventory::{File, Inventory, Known, PolicyType, Reading};

const ORGANIZATION: (&str, &str) =
    ("describe-organization.json", r#"{"Organization": {"Id": "o-1", "MasterAccountId": "999988887777"}}"#);
const ROOTS: (&str, &str) = (
    "list-roots.json",
    r#"{"Roots": [{"Id": "r-1", "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]}]}"#,
);
const TREE: [(&str, &str); 2] = [
    ("list-parents-111122223333.json", r#"{"Parents": [{"Id": "ou-1-a", "Type": "ORGANIZATIONAL_UNIT"}]}"#),
    ("list-parents-ou-1-a.json", r#"{"Parents": [{"Id": "r-1", "Type": "ROOT"}]}"#),
];
const LISTED: (&str, &str) = (
    "list-policies-SERVICE_CONTROL_POLICY.json",
    r#"{"Policies": [{"Id": "p-FullAWSAccess", "Name": "FullAWSAccess"}, {"Id": "p-1", "Name": "regions"}]}"#,
);
const POLICIES: [(&str, &str); 4] = [
    (
        "describe-policy-full.json",
        r#"{"Policy": {"PolicySummary": {"Id": "p-FullAWSAccess"}, "Content": "{\"Statement\": []}"}}"#,
    ),
    (
        "describe-policy-1.json",
        r#"{"Policy": {"PolicySummary": {"Id": "p-1"}, "Content": "{\"Id\": \"one\"}"}}"#,
    ),
    (
        "list-targets-for-policy-p-FullAWSAccess.json",
        r#"{"Targets": [{"TargetId": "r-1"}, {"TargetId": "ou-1-a"}, {"TargetId": "111122223333"}]}"#,
    ),
    ("list-targets-for-policy-p-1.json", r#"{"Targets": [{"TargetId": "ou-1-a"}]}"#),
];

fn all() -> Vec<(&'static str, &'static str)> {
    [&[ORGANIZATION, ROOTS, LISTED][..], &TREE, &POLICIES].concat()
}

fn read(files: &[(&str, &str)]) -> Reading {
    let file = |(name, text): &(&str, &str)| {
        let path = format!("organization/{name}");
        File { name: path.as_str().into(), path, bytes: text.as_bytes().to_vec() }
    };
    Inventory::read(&files.iter().map(file).collect::<Vec<_>>())
}

/// The names of the policies that bind an account, level by level.
fn levels(files: &[(&str, &str)], account: &str, of: PolicyType) -> Result<Vec<Vec<String>>, Gap> {
    let reading = read(files);
    assert!(reading.problems.is_empty() && reading.unknown.is_empty(), "{reading:?}");
    let organization = match reading.inventory.organization {
        Known::Known(organization) => organization,
        Known::Gap(gap) => return Err(gap),
    };
    let levels = organization.levels(&account.parse().unwrap(), of)?;
    let names = |level: Vec<&oarlock_inventory::OrganizationPolicy>| {
        level.into_iter().map(|policy| policy.name.clone()).collect()
    };
    Ok(levels.into_iter().map(names).collect())
}

#[test]
fn policies_are_found_level_by_level_from_the_root_to_the_account() {
    let found = levels(&all(), "111122223333", PolicyType::ServiceControl).unwrap();
    assert_eq!(found, [vec!["FullAWSAccess"], vec!["regions", "FullAWSAccess"], vec!["FullAWSAccess"]]);
}

#[test]
fn the_management_account_is_bound_by_none_nor_is_any_where_the_type_is_not_enabled() {
    assert_eq!(levels(&all(), "999988887777", PolicyType::ServiceControl), Ok(Vec::new()));
    assert_eq!(levels(&all(), "111122223333", PolicyType::ResourceControl), Ok(Vec::new()));
}

#[test]
fn accounts_without_an_organisation_are_bound_by_none() {
    let none = [("describe-organization.json", r#"{"Organization": null}"#)];
    assert_eq!(levels(&none, "111122223333", PolicyType::ServiceControl), Ok(Vec::new()));
}

#[test]
fn whatever_is_missing_is_a_gap_with_the_command_that_fills_it() {
    let without = |name: &str| {
        let left: Vec<_> = all().into_iter().filter(|(own, _)| *own != name).collect();
        levels(&left, "111122223333", PolicyType::ServiceControl).unwrap_err().fill.unwrap()
    };
    for (name, command) in [
        ("describe-organization.json", "aws organizations describe-organization"),
        ("list-roots.json", "aws organizations list-roots"),
        ("list-parents-ou-1-a.json", "aws organizations list-parents --child-id ou-1-a"),
        (LISTED.0, "aws organizations list-policies --filter SERVICE_CONTROL_POLICY"),
        ("list-targets-for-policy-p-1.json", "aws organizations list-targets-for-policy --policy-id p-1"),
    ] {
        assert!(without(name).starts_with(command), "{}", without(name));
    }
}

#[test]
fn a_policy_that_was_not_described_is_there_without_its_document() {
    let left: Vec<_> = all().into_iter().filter(|(name, _)| *name != "describe-policy-1.json").collect();
    let organization = read(&left).inventory.organization;
    let policies = &organization.known().unwrap().policies[&PolicyType::ServiceControl];
    assert!(
        policies["p-1"].document.gap().is_some() && policies["p-FullAWSAccess"].document.known().is_some()
    );
}
