//! RBAC that waits for a choice: where it is said, in which words, and what a choice changes.

use std::fs;

use serde_json::{Value, json};

use crate::run::{Run, argument, copied, oarlock, oarlock_reading};

const OPERATOR: &str = "examples/acme/rendered/monitoring";
const ROLE: &str = "ClusterRole/monitoring-operator";

fn decided(choice: &str, more: &[&str]) -> Run {
    let decision = format!("{ROLE}={choice}");
    oarlock(&[&["needs", OPERATOR, "--server-side", "--shipped-rbac", &decision], more].concat())
}

/// The permissions that some operation is the reason of.
fn because(json: &Value, operation: &str) -> Vec<Value> {
    let has = |need: &&Value| {
        need["reasons"].as_array().unwrap().iter().any(|reason| reason["operation"] == operation)
    };
    json["needs"].as_array().unwrap().iter().filter(has).map(|need| need["permission"].clone()).collect()
}

#[test]
fn needs_says_which_argument_decides() {
    let run = oarlock(&["needs", OPERATOR, "--server-side"]).ended_with(4);
    let words = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("help: choose with `--shipped-rbac ClusterRole/monitoring-operator=bind`"),
        "{words}"
    );
    assert!(!words.contains("fleet file"), "{words}");
}

#[test]
fn a_choice_for_needs_is_that_of_the_fleet_file() {
    let bind = decided("bind", &["-o", "json"]).ended_with(0).json();
    assert_eq!(bind["complete"], true);
    assert_eq!(bind["undecided"], json!([]));
    let name = json!("monitoring-operator");
    let bound = because(&bind, "bind-role");
    assert!(bound.iter().any(|one| one["verb"] == "bind" && one["name"] == name), "{bound:?}");
    assert!(because(&bind, "escalate-role").is_empty());

    let escalate = decided("escalate", &["-o", "json"]).ended_with(0).json();
    let escalated = because(&escalate, "escalate-role");
    assert!(escalated.iter().any(|one| one["verb"] == "escalate" && one["name"] == name), "{escalated:?}");

    let hold = decided("hold", &["-o", "json"]).ended_with(0).json();
    let held = because(&hold, "hold-shipped-rules");
    let wide = |one: &Value| one["group"] == "monitoring.coreos.com" && one["verb"] == "*";
    assert!(held.iter().any(wide), "{held:?}");
    assert!(!because(&bind, "hold-shipped-rules").iter().any(wide));
}

#[test]
fn a_choice_for_a_role_that_nothing_ships_is_told_with_the_nearest() {
    let run = oarlock(&["needs", OPERATOR, "--shipped-rbac", "ClusterRole/monitoring-operater=bind"]);
    let words = run.ended_with(4).stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the choice for `ClusterRole/monitoring-operater` changes nothing"), "{words}");
    assert!(words.contains("did you mean `ClusterRole/monitoring-operator`?"), "{words}");
    let right = decided("bind", &[]).ended_with(0).stderr;
    assert!(!right.contains("choice-without-role"), "{right}");
}

#[test]
fn a_choice_that_is_none_is_wrong_usage() {
    for (decision, said) in [
        ("ClusterRole/a=grant", "`grant` is no choice: write `hold`, `bind` or `escalate`"),
        ("ClusterRole/a", "write `ClusterRole/NAME=CHOICE` or `Role/NAMESPACE/NAME=CHOICE`"),
        ("Role/a=bind", "`Role/a` doesn't name a role"),
        ("ClusterRole/a=bind,ClusterRole/a=hold", "decides on `ClusterRole/a` twice"),
    ] {
        let run = oarlock(&["needs", OPERATOR, "--shipped-rbac", decision]).ended_with(64);
        assert!(run.stderr.contains(said), "{decision}: {}", run.stderr);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn a_comparison_lists_what_waits() {
    let json = oarlock(&["needs", OPERATOR, "--against", "examples/acme/rendered/ingress", "-o", "json"]);
    let json = json.ended_with(4).json();
    assert_eq!(json["complete"], false);
    let objects: Vec<_> = json["undecided"].as_array().unwrap().iter().map(|one| &one["object"]).collect();
    assert!(
        objects.contains(&&json!({ "kind": "ClusterRole", "name": "monitoring-operator" })),
        "{objects:?}"
    );
    let of_old = oarlock(&["needs", "examples/acme/rendered/ingress", "--against", OPERATOR, "-o", "json"]);
    let of_old = of_old.ended_with(5).json();
    assert_eq!((&of_old["complete"], of_old["undecided"].as_array().unwrap().len()), (&json!(false), 2));
}

#[test]
fn a_plan_lists_what_waits_once_for_all_clusters() {
    let json = oarlock(&["plan", "-f", "examples/acme/fleet.yaml", "-o", "json"]).ended_with(4).json();
    let undecided = json["undecided"].as_array().unwrap();
    let role = json!({ "kind": "ClusterRole", "name": "monitoring-operator" });
    let waits: Vec<_> = undecided.iter().filter(|one| one["object"] == role).collect();
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0]["role"], role);
    assert_eq!(waits[0]["clusters"], json!(["payments-prod-eu", "staging-us", "tools-eu"]));
    assert_eq!(waits[0]["choices"], json!(["hold", "bind", "escalate"]));
    let binding = undecided.iter().find(|one| one["object"]["kind"] == "ClusterRoleBinding").unwrap();
    assert_eq!(binding["role"]["kind"], "ClusterRole");
}

/// The lines that the plan prints, pasted into the fleet file, decide everything.
#[test]
fn the_lines_of_a_plan_can_be_pasted() {
    let copy = copied("examples/acme");
    let fleet = copy.path().join("fleet.yaml");
    let text = fs::read_to_string(&fleet).unwrap();

    let shown = oarlock(&["plan", "-f", argument(&fleet)]).ended_with(4).stdout;
    let lines = shown.lines().skip_while(|line| line.trim() != "shippedRbac:");
    let lines = lines.take_while(|line| !line.is_empty());
    let pasted: String = lines.map(|line| format!("{}\n", line.strip_prefix("  ").unwrap())).collect();
    assert!(pasted.starts_with("  shippedRbac:\n"), "{shown}");
    fs::write(&fleet, text + &pasted).unwrap();
    let json = oarlock(&["plan", "-f", argument(&fleet), "-o", "json"]).json();
    assert_eq!(json["undecided"], json!([]));
    assert!(!json["steps"].as_array().unwrap().is_empty());
}

#[test]
fn a_gap_of_needs_is_filled_by_an_argument() {
    let unknown = "{apiVersion: example.com/v1, kind: Widget, metadata: {name: a, namespace: b}}";
    let run = oarlock_reading(unknown, &["needs", "-"]).ended_with(5);
    let words = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("`kubectl get --raw /apis/example.com/v1` by `--discovery`"), "{words}");
    assert!(!words.contains("inventory"), "{words}");
}
