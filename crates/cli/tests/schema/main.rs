//! What `-o json` prints is what `oarlock schema` says, and a plan survives it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod validate;

use std::{path::Path, process::Command};

use plan::Plan;
use serde_json::{Value, json};

const FLEETS: [&str; 3] =
    ["examples/acme/fleet.yaml", "examples/acme/fleet-irsa.yaml", "examples/capability/fleet.yaml"];

/// Runs the binary at the repository's root. Fleets with findings end with 4 or 5, and have printed all the same.
fn oarlock(arguments: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_oarlock"));
    let output = command.args(arguments).current_dir(root).output().unwrap();
    let status = output.status.code().unwrap();
    assert!([0, 4, 5].contains(&status), "{status}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json_of(arguments: &[&str]) -> Value {
    serde_json::from_str(&oarlock(arguments)).unwrap()
}

#[track_caller]
fn assert_valid(schema: &Value, instance: &Value) {
    let problems = validate::problems(schema, instance);
    assert!(problems.is_empty(), "{} problems, the first: {:#?}", problems.len(), problems.first());
}

#[test]
fn printed_plans_fit_their_schema() {
    let schema = json_of(&["schema", "plan"]);
    for fleet in FLEETS {
        assert_valid(&schema, &json_of(&["plan", "-f", fleet, "-o", "json"]));
        assert_valid(&schema, &json_of(&["plan", "-f", fleet, "--adopt", "-o", "json"]));
    }
}

#[test]
fn a_plan_without_an_inventory_fits_the_schema() {
    let empty = tempfile::tempdir().unwrap();
    let folder = empty.path().to_str().unwrap();
    let plan = json_of(&["plan", "-f", FLEETS[2], "-i", folder, "-o", "json"]);
    assert!(plan["steps"].as_array().unwrap().iter().any(|step| step["action"]["type"] == "unknown"));
    assert_valid(&json_of(&["schema", "plan"]), &plan);
}

#[test]
fn printed_reach_fits_its_schema() {
    let schema = json_of(&["schema", "reach"]);
    for who in ["argocd", "sso:platform-on-call", "arn:aws:iam::777788889999:role/report-builder"] {
        let arguments = ["reach", who, "-i", "examples/acme/inventory", "-o", "json"];
        assert_valid(&schema, &json_of(&arguments));
    }
}

#[test]
fn printed_needs_fit_their_schema() {
    let schema = json_of(&["schema", "needs"]);
    let rendered = "examples/acme/rendered";
    assert_valid(&schema, &json_of(&["needs", rendered, "-n", "demo", "-o", "json"]));
    let all = ["--server-side", "--prune", "--finalizer", "--create-namespace", "--exec", "--names", "exact"];
    let impersonating = ["--impersonate", "demo:deployer", "--respect-rbac", "strict", "-o", "json"];
    assert_valid(&schema, &json_of(&[&["needs", rendered], &all[..], &impersonating[..]].concat()));
}

#[test]
fn printed_comparisons_fit_their_schema() {
    let (new, old) = ("examples/acme/rendered/monitoring", "examples/acme/rendered/checkout");
    let comparison = json_of(&["needs", new, "--against", old, "-n", "demo", "-o", "json"]);
    assert!(!comparison["added"].as_array().unwrap().is_empty());
    assert_valid(&json_of(&["schema", "needs-comparison"]), &comparison);
}

#[test]
fn printed_simulations_fit_their_schema() {
    let who = ["--principal", "arn:aws:iam::111122223333:root", "--action", "s3:GetObject"];
    let simulated = oarlock(&[&["simulate", "-o", "json", "--explain"], &who[..]].concat());
    let simulation = serde_json::from_str(&simulated).unwrap();
    assert_valid(&json_of(&["schema", "simulation"]), &simulation);
}

#[test]
fn printed_remarks_on_policies_fit_their_schema() {
    let lint = json_of(&["policy", "lint", "-o", "json", "crates/iam/tests/policies/pasted-trust.json"]);
    assert!(!lint["remarks"].as_array().unwrap().is_empty());
    assert_valid(&json_of(&["schema", "policy-lint"]), &lint);
}

#[test]
fn printed_tradeoffs_fit_their_schema() {
    let tradeoff = json_of(&["tradeoff", "-f", FLEETS[1], "-o", "json"]);
    assert_eq!(tradeoff["recommendation"]["variant"], "per-cluster");
    assert_valid(&json_of(&["schema", "Tradeoff"]), &tradeoff);
}

#[test]
fn printed_drifts_fit_their_schema() {
    let schema = json_of(&["schema", "Drift"]);
    for fleet in FLEETS {
        let inventory = fleet.replace("fleet.yaml", "inventory").replace("fleet-irsa.yaml", "inventory");
        assert_valid(&schema, &json_of(&["drift", "-f", fleet, "-i", &inventory, "-o", "json"]));
    }
}

#[test]
fn printed_access_matrices_fit_their_schema_and_have_every_need_of_the_proof() {
    let schema = json_of(&["schema", "AccessMatrix"]);
    for fleet in FLEETS {
        let matrix = json_of(&["plan", "-f", fleet, "-o", "matrix-json"]);
        assert_valid(&schema, &matrix);
        let plan = json_of(&["plan", "-f", fleet, "-o", "json"]);
        let clusters = matrix["clusters"].as_array().unwrap();
        let proven = plan["proof"]["clusters"].as_array().unwrap();
        assert_eq!(clusters.len(), proven.len());
        for proof in proven {
            let cluster = clusters.iter().find(|cluster| cluster["cluster"] == proof["cluster"]).unwrap();
            assert_eq!(cluster["needs"].as_array().unwrap().len(), proof["needs"].as_u64().unwrap() as usize);
        }
    }
}

#[test]
fn printed_diagnoses_fit_their_schema() {
    let schema = json_of(&["schema", "diagnosis"]);
    let refused = r#"roles.rbac.authorization.k8s.io is forbidden: User "arn:aws:sts::777788889999:assumed-role/argocd-analytics/1" cannot list resource "roles" in API group "rbac.authorization.k8s.io" at the cluster scope"#;
    let asked = "the server has asked for the client to provide credentials";
    let inventory = ["-i", "examples/acme/inventory", "-o", "json"];
    for text in [refused, asked, "it failed", "all is well"] {
        assert_valid(&schema, &json_of(&["diagnose", text, "-o", "json"]));
        assert_valid(&schema, &json_of(&[&["diagnose", text][..], &inventory].concat()));
        let on = ["--cluster", "arn:aws:eks:eu-west-1:444455556666:cluster/payments"];
        assert_valid(&schema, &json_of(&[&["diagnose", text][..], &inventory, &on].concat()));
    }
    let account = r#"pods is forbidden: User "system:serviceaccount:ci:runner" cannot list resource "pods" in API group "" in the namespace "web""#;
    assert_valid(&schema, &json_of(&["diagnose", account, "-o", "json"]));
}

#[test]
fn a_plan_survives_json() {
    for fleet in FLEETS {
        let printed = oarlock(&["plan", "-f", fleet, "-o", "json"]);
        let plan: Plan = serde_json::from_str(&printed).unwrap();
        let again = serde_json::to_string_pretty(&plan).unwrap() + "\n";
        assert!(again == printed, "the plan of {fleet} differs after reading and writing it");
    }
}

#[test]
fn a_kind_can_be_named_as_it_names_itself() {
    assert_eq!(oarlock(&["schema", "NeedsComparison"]), oarlock(&["schema", "needs-comparison"]));
    assert_eq!(oarlock(&["schema", "Plan"]), oarlock(&["schema", "plan"]));
}

#[test]
fn the_descriptions_are_for_people_who_do_not_read_rust() {
    for kind in ["fleet", "needs", "needs-comparison", "plan", "tradeoff"] {
        let schema = oarlock(&["schema", kind]);
        for link in ["](crate", "[`"] {
            assert!(!schema.contains(link), "the schema of {kind} has `{link}`");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let schema = json_of(&["schema", "plan"]);
    let mut plan = json_of(&["plan", "-f", FLEETS[0], "-o", "json"]);
    plan["steps"][0]["owner"] = json!("nobody");
    plan["steps"][1]["object"]["location"] = json!({ "account": "12" });
    plan["surprise"] = json!(true);
    plan.as_object_mut().unwrap().remove("proof");
    assert_eq!(validate::problems(&schema, &plan).len(), 4);
}

#[test]
fn a_collection_fits_its_schema() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("inventory");
    let hub = "arn:aws:eks:eu-west-1:111122223333:cluster/hub";
    let mut command = Command::new(env!("CARGO_BIN_EXE_oarlock"));
    // Nobody listens there.
    command
        .env_clear()
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_ACCESS_KEY_ID", "AKIA").env("AWS_SECRET_ACCESS_KEY", "test");
    let arguments = ["collect", "--cluster", hub, "--timeout", "1", "-o", "json", "-i"];
    let output = command.args(arguments).arg(&target).output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stderr));
    let collection: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(!collection["gaps"].as_array().unwrap().is_empty(), "{collection}");
    assert_valid(&json_of(&["schema", "collection"]), &collection);
}

#[test]
fn printed_audits_fit_their_schema() {
    let schema = json_of(&["schema", "audit"]);
    assert_valid(&schema, &json_of(&["audit", "-i", "examples/acme/inventory", "-o", "json"]));
    let empty = tempfile::tempdir().unwrap();
    assert_valid(&schema, &json_of(&["audit", empty.path().to_str().unwrap(), "-o", "json"]));
}
