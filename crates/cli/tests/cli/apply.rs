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
