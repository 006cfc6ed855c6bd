//! The cases of `tests/cluster_identity.yaml`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use inventory::Known;
use oarlock_access::cluster_identity::{By, ClusterIdentity, Name, Resolved, resolve};
use serde::Deserialize;

use crate::scene::{CallerText, Entry, Read, cluster};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    entry_created: String,
    caller_created: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    source: String,
    mode: Option<String>,
    entries: Option<Read<Vec<Entry>>>,
    aws_auth: Option<Read<BTreeMap<String, String>>>,
    caller: CallerText,
    identity: Option<Expected>,
    nobody: Option<Vec<String>>,
    unknown: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    username: String,
    groups: Vec<String>,
    by: String,
    policies: Option<String>,
    uid: Option<String>,
    #[serde(default)]
    notes: usize,
}

#[test]
fn callers_are_who_eks_and_its_authenticator_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster_identity.yaml");
    let file: File = serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let (mut wrong, mut names) = (Vec::new(), BTreeSet::new());
    for case in &file.cases {
        assert!(names.insert(&case.name), "{} is there twice", case.name);
        assert!(!case.source.is_empty(), "{} has no source", case.name);
        let told = decide(case, &file);
        wrong.extend(differs(case, &told).map(|what| format!("{}: {what}\n  {told:?}", case.name)));
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), names.len(), wrong.join("\n"));
    assert!(names.len() >= 100, "only {} cases", names.len());
}

fn decide(case: &Case, file: &File) -> Resolved {
    let mode = case.mode.as_deref().unwrap_or("API_AND_CONFIG_MAP");
    let cluster = cluster(mode, case.entries.clone(), &file.entry_created, case.aws_auth.clone());
    resolve(&cluster, &case.caller.clone().read(&file.caller_created))
}

fn differs(case: &Case, told: &Resolved) -> Option<String> {
    match (told, &case.identity, &case.nobody, &case.unknown) {
        (Resolved::Identity(identity), Some(expected), None, None) => another(identity, expected),
        (Resolved::Nobody { why }, None, Some(words), None) => {
            lacks(words, &why.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        }
        (Resolved::Unknown { missing }, None, None, Some(words)) => {
            let texts =
                missing.iter().map(|gap| format!("{gap} {}", gap.fill.as_deref().unwrap_or_default()));
            lacks(words, &texts.collect::<Vec<_>>().join("\n"))
        }
        _ => Some("another answer".to_owned()),
    }
}

fn lacks(words: &[String], text: &str) -> Option<String> {
    words.iter().find(|word| !text.contains(*word)).map(|word| format!("`{word}` isn't in:\n{text}"))
}

fn another(identity: &ClusterIdentity, expected: &Expected) -> Option<String> {
    let groups: Vec<String> = identity.groups.iter().map(shown).collect();
    let told = (shown(&identity.username), groups, by(&identity.by), identity.notes.len());
    let wanted = (expected.username.clone(), expected.groups.clone(), expected.by.clone(), expected.notes);
    if told != wanted {
        return Some(format!("{told:?}, not {wanted:?}"));
    }
    let policies = policies(&identity.associations);
    if expected.policies.as_ref().is_some_and(|wanted| *wanted != policies) {
        return Some(format!("access policies: {policies}"));
    }
    (expected.uid.is_some() && expected.uid != identity.uid).then(|| format!("uid: {:?}", identity.uid))
}

/// A name that varies has a tilde before it.
fn shown(name: &Name) -> String {
    match name {
        Name::Fixed(name) => name.clone(),
        Name::Varies(template) => format!("~{template}"),
    }
}

fn by(by: &By) -> String {
    match by {
        By::AccessEntry { principal, .. } => format!("entry {principal}"),
        By::MapRoles { index, .. } => format!("mapRoles {index}"),
        By::MapUsers { index, .. } => format!("mapUsers {index}"),
        By::MapAccounts { account, .. } => format!("mapAccounts {account}"),
        By::Creator => "creator".to_owned(),
    }
}

fn policies(associations: &Known<Vec<(String, Vec<String>)>>) -> String {
    let Some(policies) = associations.known() else { return "unread".to_owned() };
    let names = policies.iter().map(|(arn, _)| arn.rsplit('/').next().unwrap_or_default());
    names.collect::<Vec<_>>().join(" ")
}
