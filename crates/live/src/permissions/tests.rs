//! The lists against the calls that stand in the source, and the documents against AWS's own rules.

use std::{collections::BTreeSet, fs, path::Path};

use super::{
    actions::{
        ACCOUNTS, CLUSTERS, COLLECTING, DISCOVERING, MODES, OF_THE_ORGANIZATION, PASSING, POLICIES,
        PROVIDERS, ROLES, TAGGING_PROVIDERS, VERIFYING,
    },
    *,
};

/// The services that are asked, but for STS: `GetCallerIdentity` takes no permission, and roles are assumed by the SDK itself.
const SERVICES: [&str; 5] = ["cloudtrail", "eks", "iam", "organizations", "secretsmanager"];

/// The operations that the files of a folder call: `.create_role()` is `CreateRole`. Services share some names.
#[expect(clippy::disallowed_methods, reason = "the source is read")]
fn called(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let mut text = String::new();
    for file in fs::read_dir(folder).unwrap() {
        text.push_str(&fs::read_to_string(file.unwrap().path()).unwrap());
    }
    let text: String = text.split_whitespace().collect();
    let is_called = |operation: &str| {
        let words: String = operation
            .chars()
            .flat_map(|c| c.is_ascii_uppercase().then_some('_').into_iter().chain([c]))
            .collect();
        // `OpenIDConnect` and `ClientID` are `open_id_connect` and `client_id`.
        let snake = words.to_ascii_lowercase().replace("i_d", "id");
        text.contains(&format!(".{}()", snake.trim_start_matches('_')))
    };
    let of = |service: &&str| -> Vec<&'static str> {
        ::iam::catalogue::actions_matching(&format!("{service}:*")).map(|action| action.name).collect()
    };
    let all = SERVICES.iter().flat_map(of);
    all.filter(|name| is_called(name)).map(str::to_owned).collect()
}

fn operations<'a>(lists: impl IntoIterator<Item = &'a [&'a str]>) -> BTreeSet<String> {
    let name = |action: &&str| action.split(':').nth(1).unwrap().to_owned();
    lists.into_iter().flatten().map(name).collect()
}

#[test]
fn each_call_in_the_source_is_printed_and_nothing_else() {
    let collecting = operations([&COLLECTING[..], &DISCOVERING, &OF_THE_ORGANIZATION, &ACCOUNTS]);
    assert_eq!(called("collect"), collecting);
    let beyond =
        |folder: &str| -> BTreeSet<String> { called(folder).difference(&collecting).cloned().collect() };
    assert_eq!(beyond("verify"), operations([&VERIFYING[..]]));
    let mut writing = operations([&ROLES[..], &POLICIES, &PROVIDERS, &CLUSTERS, &MODES]);
    let implied = operations([&[PASSING, TAGGING_PROVIDERS][..]]);
    writing.retain(|name| !implied.contains(name) && !collecting.contains(name));
    assert_eq!(beyond("apply"), writing);
}

fn reach(clusters: usize) -> Reach {
    let arn =
        |number| format!("arn:aws-cn:eks:cn-north-1:444455556666:cluster/prod-{number}").parse().unwrap();
    Reach {
        clusters: (0..clusters).map(arn).collect(),
        roles: BTreeSet::from(["oarlock-hub-*".to_owned()]),
        irsa: true,
        opened: (0..clusters).map(arn).collect(),
    }
}

#[test]
fn nothing_is_to_be_said_against_the_policies() {
    for verb in [Verb::Collect, Verb::Drift, Verb::Apply, Verb::Verify] {
        for fleet in [None, Some(reach(1)), Some(reach(300))] {
            let extent = Extent { verb, fleet, ..Extent::default() };
            let text = own_policy(&extent).to_string();
            let remarks = ::iam::lint(&text, ::iam::Kind::Identity);
            assert!(remarks.is_empty(), "{verb:?}: {remarks:?}");
        }
    }
}

#[test]
fn what_is_written_is_limited_to_the_fleets_own() {
    let extent = Extent { verb: Verb::Apply, fleet: Some(reach(1)), ..Extent::default() };
    for statement in account_policy(&extent)["Statement"].as_array().unwrap() {
        let resources = statement["Resource"].to_string();
        let is_limited =
            ["oarlock-hub-", "prod-0", ":oidc-provider/"].iter().any(|part| resources.contains(part));
        assert!(is_limited || statement["Sid"] == "OarlockCollect", "{statement}");
    }
}
