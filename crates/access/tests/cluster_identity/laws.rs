//! What holds for every cluster and every caller.

use std::collections::BTreeMap;

use inventory::{Cluster, Known, Kubernetes};
use oarlock_access::cluster_identity::{By, Caller, Resolved, principals, resolve};
use proptest::{prelude::*, sample::select};

use crate::scene::{Entry, Read, cluster, description, gap};

const ARNS: [&str; 6] = [
    "arn:aws:iam::111122223333:role/x",
    "arn:aws:iam::111122223333:role/team/x",
    "arn:aws:iam::111122223333:role/X",
    "arn:aws:iam::111122223333:role/y",
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:sts::111122223333:assumed-role/x/ann",
];
const DATES: [&str; 4] = ["2023-01-01T00:00:00Z", "1717228800", "2025-01-01T00:00:00+02:00", "none"];

fn entry() -> impl Strategy<Value = Entry> {
    const KINDS: [&str; 4] = ["STANDARD", "STANDARD", "EC2_LINUX", "FARGATE_LINUX"];
    (select(&ARNS[..]), select(&KINDS[..]), select(&["a", "b:{{SessionName}}"][..]), select(&DATES[..]))
        .prop_map(|(principal, kind, username, created)| Entry {
            principal: principal.to_owned(),
            kind: Some(kind.to_owned()),
            username: Some(username.to_owned()),
            groups: vec!["g".to_owned()],
            created: Some(created.to_owned()),
            policies: None,
        })
}

fn aws_auth() -> impl Strategy<Value = BTreeMap<String, String>> {
    let list = |key: &'static str| {
        let item = (select(&ARNS[..]), select(&["a", "b", "{{EC2PrivateDNSName}}"][..]))
            .prop_map(move |(arn, name)| format!("- {{{key}: '{arn}', username: '{name}'}}"));
        proptest::collection::vec(item, 0..4).prop_map(|items| items.join("\n"))
    };
    let accounts = select(&["", "['111122223333']", "{"][..]);
    (list("rolearn"), list("userarn"), accounts).prop_map(|(roles, users, accounts)| {
        let blocks = [("mapRoles", roles), ("mapUsers", users), ("mapAccounts", accounts.to_owned())];
        blocks.map(|(key, text)| (key.to_owned(), text)).into()
    })
}

fn scene() -> impl Strategy<Value = (Cluster, Caller)> {
    let modes = select(&["API", "API_AND_CONFIG_MAP", "CONFIG_MAP"][..]);
    let entries = proptest::collection::vec(entry(), 0..5);
    (modes, entries, aws_auth(), caller()).prop_map(|(mode, entries, aws_auth, caller)| {
        (cluster(mode, Some(Read::Is(entries)), "none", Some(Read::Is(aws_auth))), caller)
    })
}

fn caller() -> impl Strategy<Value = Caller> {
    let sessions = select(&[None, Some("ann"), Some("i-0123456789abcdef0")][..]);
    let creators = select(&[None, Some(false), Some(true)][..]);
    (select(&ARNS[..]), sessions, select(&DATES[..]), creators).prop_map(
        |(arn, session, created, creator)| {
            let mut caller = Caller::new(arn).unwrap();
            caller.session = caller.session.or(session.map(str::to_owned));
            caller.created = Some(created.to_owned()).filter(|date| date != "none");
            caller.created_cluster = creator;
            caller
        },
    )
}

/// Without the order of reasons, and what else an identity may be.
fn told(resolved: Resolved) -> String {
    match resolved {
        Resolved::Identity(mut identity) => {
            identity.notes.clear();
            format!("{identity:?}")
        }
        Resolved::Nobody { .. } => "nobody".to_owned(),
        Resolved::Unknown { .. } => "unknown".to_owned(),
    }
}

/// All ways of knowing less.
fn less(cluster: &Cluster, caller: &Caller) -> Vec<(Cluster, Caller)> {
    let both = || (cluster.clone(), caller.clone());
    let mut all = vec![both(), both(), both(), both(), both(), both()];
    all[0].0.description = description("unread");
    all[1].0.description = description("none");
    all[2].0.access_entries = Known::Gap(gap("the access entries"));
    all[3].0.kubernetes = Kubernetes::default();
    all[4].1.created = None;
    all[5].1.created_cluster = None;
    if let Some(entries) = cluster.access_entries.known() {
        for key in entries.keys() {
            let mut less = both();
            let mut entries = entries.clone();
            entries.get_mut(key).unwrap().created_at = None;
            less.0.access_entries = Known::Known(entries);
            all.push(less);
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_entries_is_no_matter((mut cluster, caller) in scene(), salt in any::<u64>()) {
        let before = told(resolve(&cluster, &caller));
        if let Known::Known(entries) = &mut cluster.access_entries {
            let shuffled = std::mem::take(entries).into_values().enumerate();
            *entries = shuffled.map(|(n, entry)| (format!("{:03}", (salt >> (8 * n)) & 0xff) + &entry.principal, entry)).collect();
        }
        prop_assert_eq!(before, told(resolve(&cluster, &caller)));
    }

    #[test]
    fn what_is_decided_stays_so_when_a_gap_is_filled((cluster, caller) in scene()) {
        let all = told(resolve(&cluster, &caller));
        for (cluster, other) in less(&cluster, &caller) {
            let less = told(resolve(&cluster, &other));
            // Who is mapped where entries don't count may be the creator besides: the one thing that a note says.
            let noted = caller.created_cluster == Some(true) && other.created_cluster.is_none();
            prop_assert!(less == "unknown" || less == all || noted, "{less}\n{all}");
        }
    }

    #[test]
    fn an_own_entry_wins_over_aws_auth(cluster in scene().prop_map(|(cluster, _)| cluster), map in aws_auth(), caller in caller()) {
        let mut with = cluster;
        with.description = description("API_AND_CONFIG_MAP");
        let mut api = with.clone();
        api.description = description("API");
        with.kubernetes = crate::scene::kubernetes(Some(Read::Is(map)));
        let alone = resolve(&api, &caller);
        if let Resolved::Identity(identity) = &alone {
            let is_entry = matches!(identity.by, By::AccessEntry { .. });
            prop_assert!(is_entry);
            prop_assert_eq!(resolve(&with, &caller), alone);
        }
    }

    #[test]
    fn who_is_somebody_is_among_the_principals((cluster, mut caller) in scene()) {
        caller.created_cluster = Some(false);
        let all = principals(&cluster);
        if let Resolved::Identity(identity) = resolve(&cluster, &caller) {
            let mine = all.members.iter().any(|member| member.identity.by == identity.by);
            prop_assert!(mine || !all.missing.is_empty(), "{identity:?}\n{all:?}");
        }
    }
}
