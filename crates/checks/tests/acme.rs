//! The example fleet: every finding has its explanation, and breaking one thing adds exactly its finding.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::{collections::BTreeMap, path::Path};

use facts::Severity;
use inventory::{File, Inventory, folder};
use jiff::civil::date;
use oarlock_checks::audit::{AuditFinding, CHECKS, Inputs, LooseFile, Report, audit};

/// What Acme's inventory is known for: it is what people have before Oarlock's first plan.
const EXPLAINED: [(&str, usize, &str); 16] = [
    (
        "account-as-principal",
        3,
        "roles of administrators, and the deployer's that leaves it to the hub's account who comes",
    ),
    ("administrator-access", 1, "the role on `analytics` was given everything"),
    ("argocd-manager-left", 1, "`argocd cluster add` was used on the cluster in us-east-1 once"),
    ("assume-any-role", 1, "the hub's policy is called `assume-anything`"),
    ("aws-auth-system-masters", 1, "the same cluster still has the deployer in aws-auth"),
    ("cluster-admin-binding", 1, "the runner of CI on `tools`"),
    ("cluster-admin-by-access-policy", 8, "Argo CD's roles on four clusters, and people's on four"),
    ("default-project-open", 1, "nobody has emptied it"),
    ("group-nobody-binds", 1, "the binding of `deployers` is gone"),
    ("group-nobody-holds", 10, "people come by another way than access entries"),
    ("irsa-without-aud", 1, "the hub's role, copied from an old article"),
    ("pod-identity-and-irsa", 1, "a report builder is being moved"),
    ("pod-identity-for-any-pod", 2, "nobody has written conditions"),
    ("reaches-everything", 1, "argocd-server may read Secrets where the controller runs"),
    ("service-wildcard", 1, "the deployer's policy has `eks:*`"),
    ("wildcard-role", 3, "what Argo CD ships, what `argocd cluster add` made, and CI's"),
];

/// The same for a role that may be any service account's of a namespace.
const EXPLAINED_TOO: [(&str, usize, &str); 1] =
    [("wildcard-subject", 1, "the hub's role, for all of `argocd`")];

fn files() -> Vec<File> {
    folder::inventory(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme/inventory")).unwrap()
}

fn run(files: &[File], loose: &[LooseFile]) -> Report {
    let reading = Inventory::read(files);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    let inputs = Inputs {
        files: loose,
        inventory: Some((&reading.inventory, files)),
        ignored: &[],
        today: date(2026, 11, 26),
    };
    audit(&inputs, &CHECKS.iter().collect::<Vec<_>>())
}

fn said(found: &AuditFinding) -> (String, String, String) {
    let finding = &found.finding;
    let file = finding.places.first().map(|place| place.file.to_string()).unwrap_or_default();
    (finding.id.to_string(), finding.message.clone(), file)
}

/// What the second report has and the first hasn't: finding by finding.
fn added(before: &Report, after: &Report) -> Vec<String> {
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    before.findings.iter().for_each(|found| *known.entry(said(found)).or_default() += 1);
    let mut added = Vec::new();
    for found in &after.findings {
        match known.get_mut(&said(found)).filter(|count| **count > 0) {
            Some(count) => *count -= 1,
            None => added.push(found.finding.id.to_string()),
        }
    }
    added
}

#[test]
fn every_finding_about_the_example_is_explained() {
    let report = run(&files(), &[]);
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    report.findings.iter().for_each(|found| *counted.entry(&found.finding.id).or_default() += 1);
    let explained: BTreeMap<&str, usize> =
        EXPLAINED.iter().chain(&EXPLAINED_TOO).map(|(id, count, _)| (*id, *count)).collect();
    assert_eq!(counted, explained);
    assert!(report.skipped.is_empty(), "{:?}", report.skipped);
    assert!(report.findings.iter().all(|found| found.place().is_some_and(|place| place.line > 0)));
}

const HUB: &str = "clusters/111122223333/eu-west-1/hub/";
const EU: &str = "clusters/444455556666/eu-west-1/payments/";
const US: &str = "clusters/444455556666/us-east-1/payments/";
const ANALYTICS: &str = "clusters/777788889999/eu-west-1/analytics/";
const ROLES: &str = "accounts/777788889999/iam-get-account-authorization-details.json";

/// One thing that somebody breaks: in which file, what becomes what, and what has to be found then.
#[rustfmt::skip]
fn mutations() -> Vec<(String, &'static str, &'static str, &'static str)> {
    let at = |folder: &str, file: &str| format!("{folder}{file}");
    vec![
        (ROLES.into(), "\"sts:AssumeRole\",\n                            \"sts:TagSession\"\n                        ],\n                        \"Condition\": {\n                            \"StringEquals\": {\n                                \"aws:PrincipalOrgID\"", "\"sts:AssumeRole\",\n                            \"sts:TagSession\"\n                        ],\n                        \"Condition\": {\n                            \"StringEquals\": {\n                                \"aws:PrincipalOrganizationID\"", "anybody-may-assume unknown-condition-key"),
        (ROLES.into(), "\"StringEquals\": {\n                                \"aws:PrincipalOrgID\"", "\"ForAllValues:StringEquals\": {\n                                \"aws:PrincipalOrgID\"", "operator-for-other-type"),
        (ROLES.into(), "\"aws:PrincipalOrgID\": \"o-a1b2c3d4e5\"", "\"aws:PrincipalOrgID\": \"o-a1b2c3*\"", "plain-wildcard"),
        (ROLES.into(), "\"CreateDate\": \"2025-01-22T08:10:05+00:00\"", "\"CreateDate\": \"2026-01-22T08:10:05+00:00\"", "stale-entry"),
        (at(ANALYTICS, "eks/describe-cluster.json"), "\"API_AND_CONFIG_MAP\"", "\"CONFIG_MAP\"", "config-map-mode"),
        (at(ANALYTICS, "eks/describe-cluster.json"), "\"endpointPublicAccess\": false,\n            \"endpointPrivateAccess\": true,\n            \"publicAccessCidrs\": []", "\"endpointPublicAccess\": true,\n            \"endpointPrivateAccess\": true,\n            \"publicAccessCidrs\": [\"0.0.0.0/0\"]", "public-endpoint"),
        (at(US, "kubernetes/configmaps.yaml"), "role/eks-payments-node", "role/nodes/eks-payments-node", "aws-auth-item-matches-nobody"),
        (at(US, "kubernetes/configmaps.yaml"), "mapRoles: |", "mapUsers: |\n      userarn: x\n    mapRoles: |", "aws-auth-broken"),
        (at(EU, "kubernetes/rolebindings.yaml"), "name: payments-operators", "name: system:authenticated", "bound-to-anybody"),
        (at(EU, "kubernetes/rolebindings.yaml"), "kind: ClusterRole\n    name: view", "kind: ClusterRole\n    name: viewer", "missing-role"),
        (at(HUB, "kubernetes/appprojects.yaml"), "namespace: reports", "namespace: '!kube-system'", "negated-destination-allows-rest"),
        (at(HUB, "kubernetes/appprojects.yaml"), "- name: analytics-eu\n      namespace: reports", "- name: '*'\n      namespace: '*'", "project-open-to-all-clusters"),
        (at(HUB, "kubernetes/configmaps.yaml"), "resource.exclusions: |", "exec.enabled: 'true'\n    resource.exclusions: |", "exec-enabled"),
        (at(HUB, "kubernetes/configmaps.yaml"), "resource.exclusions: |", "users.anonymous.enabled: 'true'\n    resource.exclusions: |", "anonymous-users"),
        (at(HUB, "kubernetes/secrets.yaml"), "name: YW5hbHl0aWNzLWV1", "name: c3RhZ2luZy11cw==", "duplicate-cluster-name"),
        (at(ANALYTICS, "eks/describe-access-entry-777788889999-argocd-analytics.json"), "\"username\": \"arn:aws:sts::777788889999:assumed-role/argocd-analytics/{{SessionName}}\"", "\"username\": \"system:argocd\"", "reserved-username"),
        (at(ANALYTICS, "eks/list-associated-access-policies-777788889999-argocd-analytics.json"), "AmazonEKSClusterAdminPolicy", "AmazonEKSEditPolicy", "edit-policy-for-whole-cluster"),
    ]
}

/// The cluster that a file is of, or the one whose role's account is broken.
fn part(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    if parts[0] == "clusters" { parts[..4].join("/") + "/" } else { ANALYTICS.to_owned() }
}

#[test]
fn breaking_one_thing_gives_exactly_its_finding() {
    let whole = files();
    let mut reports: BTreeMap<String, Report> = BTreeMap::new();
    for (path, from, to, expected) in mutations() {
        let folder = part(&path);
        let mut broken: Vec<File> = whole
            .iter()
            .filter(|file| file.path.starts_with("accounts/") || file.path.starts_with(&folder))
            .cloned()
            .collect();
        let before = reports.entry(folder).or_insert_with(|| run(&broken, &[]));
        let file = broken.iter_mut().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}"));
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        assert!(text.contains(from), "{path} has no `{from}`");
        file.bytes = text.replacen(from, to, 1).into_bytes();
        let found = added(before, &run(&broken, &[]));
        let mut sorted: Vec<&str> = found.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        assert_eq!(sorted.join(" "), expected, "{path}: `{from}` became `{to}`");
    }
}

#[test]
fn the_fleet_and_what_it_deploys_have_only_what_the_inventory_has_too() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme");
    let paths = ["fleet.yaml", "argocd", "rendered"].map(|path| folder::sources(&root.join(path)).unwrap());
    let loose: Vec<LooseFile> = paths
        .into_iter()
        .flatten()
        .map(|path| LooseFile {
            name: path.display().to_string().into(),
            bytes: folder::read(&path).unwrap(),
        })
        .collect();
    let report = run(&files(), &loose);
    let own: Vec<_> = added(&run(&files(), &[]), &report);
    // `default` is among the projects in Git, and CI's roles among what is deployed.
    assert_eq!(own.iter().filter(|id| *id == "default-project-open").count(), 1, "{own:?}");
    let others: Vec<&String> = own.iter().filter(|id| *id != "default-project-open").collect();
    let known = ["cluster-admin-binding", "wildcard-role"];
    assert!(others.iter().all(|id| known.contains(&id.as_str())), "{others:?}");
}

#[test]
fn a_missing_file_is_skipped_and_never_clean() {
    let without =
        |end: &str| files().into_iter().filter(|file| !file.path.ends_with(end)).collect::<Vec<_>>();
    let skipped = |report: &Report, id: &str| report.skipped.iter().any(|skipped| skipped.id == id);
    let report = run(&without("hub/kubernetes/secrets.yaml"), &[]);
    assert!(skipped(&report, "insecure-tls") && skipped(&report, "bearer-token"), "{:?}", report.skipped);
    let report = run(&without("analytics/eks/list-access-entries.json"), &[]);
    assert!(
        skipped(&report, "entry-with-system-group") && skipped(&report, "stale-entry"),
        "{:?}",
        report.skipped
    );
    let report = run(&without("111122223333/iam-get-account-authorization-details.json"), &[]);
    assert!(
        skipped(&report, "irsa-without-sub")
            || report.findings.iter().all(|found| found.finding.severity <= Severity::Error)
    );
}
