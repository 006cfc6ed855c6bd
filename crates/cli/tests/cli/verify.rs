//! `oarlock verify`, on the example fleets.

use std::fs;

use serde_json::Value;

use crate::run::{argument, copied, oarlock};

fn cluster<'j>(json: &'j Value, name: &str) -> &'j Value {
    json["clusters"].as_array().unwrap().iter().find(|cluster| cluster["cluster"] == name).unwrap()
}

#[test]
fn where_everybody_is_administrator_every_claim_holds() {
    let run = oarlock(&["verify", "-f", "examples/acme/fleet.yaml"]).ended_with(0);
    assert!(run.stdout.lines().all(|line| line.starts_with("✓ ")), "{}", run.stdout);
    let json = oarlock(&["verify", "-f", "examples/acme/fleet.yaml", "-o", "json"]).ended_with(0).json();
    let payments = cluster(&json, "payments-prod-eu");
    assert!(
        payments["claims"].as_u64().unwrap() > 100 && payments["claims"] == payments["holds"],
        "{payments}"
    );
}

#[test]
fn claims_end_at_the_hop_that_ends_them() {
    // A role that was made again after its access entries.
    let folder = copied("examples/capability");
    let roles =
        folder.path().join("inventory/accounts/123456789012/iam-get-account-authorization-details.json");
    let younger = fs::read_to_string(&roles).unwrap().replace("2025-06-02T12:58:17", "2026-01-12T09:30:00");
    fs::write(&roles, younger).unwrap();
    let fleet = folder.path().join("fleet.yaml");
    let json = oarlock(&["verify", "-f", argument(&fleet), "-o", "json"]).ended_with(4).json();
    let orders = cluster(&json, "orders");
    assert_eq!(orders["holds"], 0);
    for other in orders["others"].as_array().unwrap() {
        assert_eq!(
            (&other["verdict"], &other["at"]),
            (&"violated".into(), &"cluster-identity".into()),
            "{other}"
        );
    }
    let impersonated =
        oarlock(&["verify", "-f", "examples/acme/fleet-irsa.yaml", "-o", "json"]).ended_with(4);
    let impersonated = impersonated.json();
    let tools = cluster(&impersonated, "tools-eu");
    let at = |hop: &str| tools["others"].as_array().unwrap().iter().any(|other| other["at"] == hop);
    assert!(at("impersonation"), "{tools}");
}

#[test]
fn a_pipeline_sees_each_cluster_as_a_suite_of_tests() {
    let fine = oarlock(&["verify", "-f", "examples/acme/fleet.yaml", "-o", "junit"]).ended_with(0).stdout;
    assert!(fine.starts_with("<?xml version=\"1.0\""), "{fine}");
    assert_eq!(fine.matches("<testsuite name=").count(), 6);
    assert!(!fine.contains("<failure") && !fine.contains("<error"), "{fine}");
    let violated =
        oarlock(&["verify", "-f", "examples/acme/fleet-irsa.yaml", "-o", "junit"]).ended_with(4).stdout;
    assert!(violated.contains("claims violated at impersonation\""), "{violated}");
    // What isn't known is no success.
    let folder = copied("examples/acme");
    fs::remove_dir_all(folder.path().join("inventory/organization")).unwrap();
    let fleet = folder.path().join("fleet.yaml");
    let unknown = oarlock(&["verify", "-f", argument(&fleet), "-o", "junit"]).ended_with(5).stdout;
    assert!(unknown.contains("<error message=") && !unknown.contains("<failure"), "{unknown}");
}

#[test]
fn without_an_inventory_there_is_nothing_to_verify() {
    let folder = tempfile::tempdir().unwrap();
    let fleet = folder.path().join("fleet.yaml");
    let text = "apiVersion: oarlock.dev/v1alpha1\nkind: Fleet\nmetadata: {name: x}\nspec:\n  hub:\n    arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub\n    argocd: {version: \"3.5\"}\n    identity: pod-identity\n  clusters:\n    - {arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub, name: in-cluster}\n";
    std::fs::write(&fleet, text).unwrap();
    let run = oarlock(&["verify", "-f", argument(&fleet)]).ended_with(1);
    assert!(run.stderr.contains("no inventory to verify"), "{}", run.stderr);
}
