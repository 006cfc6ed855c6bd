//! `oarlock apply` before it asks AWS.

use crate::run::oarlock;

#[test]
fn without_a_terminal_somebody_has_to_have_said_yes() {
    let run = oarlock(&["apply", "-f", "examples/acme/fleet.yaml"]).ended_with(64);
    assert!(run.stderr.contains("give `-y`"), "{}", run.stderr);
}

#[test]
fn adopting_belongs_to_making_a_plan() {
    oarlock(&["apply", "-f", "examples/acme/fleet.yaml", "--plan", "plan.json", "--adopt"]).ended_with(64);
}

#[test]
fn what_it_needs_itself_is_printed_without_asking_anybody_and_limited_to_the_fleet() {
    let printed = |more: &[&str]| {
        let run =
            oarlock(&[&["apply", "-f", "examples/acme/fleet.yaml", "--print-permissions"], more].concat());
        run.ended_with(0)
    };
    let policy = printed(&["iam"]).json();
    let statement = |policy: &serde_json::Value, sid: &str| {
        let all = policy["Statement"].as_array().unwrap();
        all.iter().find(|statement| statement["Sid"] == sid).unwrap().clone()
    };
    let roles = statement(&policy, "OarlockRoles");
    assert_eq!(roles["Resource"], serde_json::json!(["arn:aws:iam::*:role/oarlock-hub-*"]));
    assert!(roles["Action"].to_string().contains("iam:CreateRole"), "{roles}");
    let passed = statement(&policy, "OarlockPass")["Condition"].to_string();
    assert!(passed.contains("pods.eks.amazonaws.com"), "{passed}");
    let adopting = statement(&printed(&["iam", "--adopt"]).json(), "OarlockRoles")["Resource"].to_string();
    assert!(adopting.contains("role/*"), "{adopting}");
    let everywhere = printed(&["kubernetes"]).stdout;
    assert!(everywhere.contains("oarlock:apply") && everywhere.contains("escalate"), "{everywhere}");
    assert!(!everywhere.contains("secrets") && printed(&["kubernetes-hub"]).stdout.contains("secrets"));
    // Whoever only looks is given nothing that writes.
    let drift = oarlock(&["drift", "-f", "examples/acme/fleet.yaml", "--print-permissions"]).ended_with(0);
    assert!(
        drift.stdout.contains("oarlock:collect") && !drift.stdout.contains("iam:CreateRole"),
        "{}",
        drift.stdout
    );
    let verify = ["verify", "-f", "examples/acme/fleet.yaml", "--live", "--print-permissions", "iam"];
    assert!(oarlock(&verify).ended_with(0).stdout.contains("cloudtrail:LookupEvents"));
}
