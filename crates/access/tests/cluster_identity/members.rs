//! Who is somebody on a cluster.

use std::collections::BTreeMap;

use oarlock_access::cluster_identity::{By, Member, Principals, Who, principals};

use crate::scene::{Entry, Read, cluster};

fn entry(principal: &str) -> Entry {
    Entry {
        principal: principal.to_owned(),
        kind: None,
        username: None,
        groups: vec!["g".to_owned()],
        created: None,
        policies: None,
    }
}

fn of(mode: &str, entries: &[&str], blocks: &[(&str, &str)]) -> Principals {
    let entries = entries.iter().map(|principal| entry(principal)).collect();
    let blocks: BTreeMap<_, _> =
        blocks.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
    principals(&cluster(mode, Some(Read::Is(entries)), "2024-01-01T00:00:00Z", Some(Read::Is(blocks))))
}

fn who(member: &Member) -> String {
    match &member.who {
        Who::Arn(arn) => arn.rsplit(':').next().unwrap().to_owned(),
        Who::Account(account) => format!("account {account}"),
    }
}

const ROLES: &str = "
- {rolearn: 'arn:aws:iam::111122223333:role/a', username: old}
- {rolearn: 'arn:aws:iam::111122223333:role/b', username: first}
- {rolearn: 'arn:aws:iam::111122223333:role/B', username: second}
- {rolearn: 'arn:aws:iam::111122223333:role/path/c', username: nobody}
";

#[test]
fn everybody_is_there_by_what_counts_or_may_count() {
    let all = of(
        "API_AND_CONFIG_MAP",
        &["arn:aws:iam::111122223333:role/team/a", "arn:aws:iam::111122223333:user/ann"],
        &[("mapRoles", ROLES), ("mapAccounts", "['444455556666']")],
    );
    let told: Vec<String> = all.members.iter().map(who).collect();
    assert_eq!(told, ["role/B", "role/a", "role/a", "user/ann", "account 444455556666"]);
    assert!(matches!(all.members[0].identity.by, By::MapRoles { index: 2, .. }));
    assert!(matches!(all.members[1].identity.by, By::AccessEntry { .. }));
    assert!(matches!(all.members[2].identity.by, By::MapRoles { index: 0, .. }));
    assert_eq!(all.members[1].depends_on, all.members[2].depends_on);
    assert_eq!(all.missing, []);
}

#[test]
fn an_entry_holds_only_if_its_principal_is_no_later_one() {
    let all = of("API", &["arn:aws:iam::111122223333:role/a"], &[]);
    let depends_on = &all.members[0].depends_on;
    assert_eq!(depends_on.len(), 1);
    assert_eq!(depends_on[0].what, "when `arn:aws:iam::111122223333:role/a` was created");
}

#[test]
fn an_arn_in_capitals_is_somebodys_all_the_same() {
    let roles = "- {rolearn: 'ARN:AWS:IAM::111122223333:ROLE/X', username: x}";
    let all = of("API_AND_CONFIG_MAP", &[], &[("mapRoles", roles)]);
    assert_eq!(all.members.iter().map(who).collect::<Vec<_>>(), ["role/x"]);
}

#[test]
fn the_user_names_of_an_account_are_arns_and_no_others() {
    let all = of("API_AND_CONFIG_MAP", &[], &[("mapAccounts", "['444455556666']")]);
    let name = &all.members[0].identity.username;
    assert_eq!(name.is("arn:aws:iam::444455556666:user/team/ann"), None);
    assert_eq!(name.is("ann smith"), Some(false));
}

#[test]
fn what_is_not_read_is_missing() {
    let missing = |all: Principals| all.missing.into_iter().map(|gap| gap.what).collect::<Vec<_>>();
    assert_eq!(missing(of("CONFIG_MAP", &[], &[])), ["who created the cluster"]);
    assert_eq!(
        missing(of("API_AND_CONFIG_MAP", &[], &[("mapUsers", "{")])),
        ["whom `mapUsers` of aws-auth maps"]
    );
    let sso = "- {sso: {accountID: '111122223333', permissionSetName: Admins}, username: a}";
    let all = of("API_AND_CONFIG_MAP", &[], &[("mapRoles", sso)]);
    assert_eq!(missing(all), ["whether element 0 of `mapRoles`, with `sso`, counts"]);
    let unread = principals(&cluster("API", Some(Read::Not("unread".to_owned())), "none", None));
    assert_eq!(missing(unread), ["the access entries"]);
}
