//! `oarlock verify`, on the example fleets.

use serde_json::Value;

use crate::run::oarlock;

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
    let json =
        oarlock(&["verify", "-f", "examples/capability/fleet.yaml", "-o", "json"]).ended_with(4).json();
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
fn without_an_inventory_there_is_nothing_to_verify() {
    let folder = tempfile::tempdir().unwrap();
    let fleet = folder.path().join("fleet.yaml");
    let text = "apiVersion: oarlock.dev/v1alpha1\nkind: Fleet\nmetadata: {name: x}\nspec:\n  hub:\n    arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub\n    argocd: {version: \"3.5\"}\n    identity: pod-identity\n  clusters:\n    - {arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub, name: in-cluster}\n";
    std::fs::write(&fleet, text).unwrap();
    let run = oarlock(&["verify", "-f", fleet.to_str().unwrap()]).ended_with(1);
    assert!(run.stderr.contains("no inventory to verify"), "{}", run.stderr);
}
