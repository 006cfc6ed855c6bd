//! Each row of `docs/exit-status.md` by a real run, and how the program behaves as a program.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use crate::run::{command, oarlock, oarlock_reading};

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\n";
const VERBS: [&str; 5] = ["needs", "plan", "render", "show", "schema"];

#[test]
fn fine_is_0() {
    oarlock_reading(CONFIG_MAP, &["needs", "-"]).ended_with(0);
    oarlock(&["plan", "-f", "examples/capability/fleet.yaml"]).ended_with(0);
}

#[test]
fn a_failed_run_is_1() {
    let run = oarlock(&["plan", "-f", "examples/nowhere.yaml"]).ended_with(1);
    assert!(run.stderr.contains("examples/nowhere.yaml"), "{}", run.stderr);
    oarlock(&["needs", "examples/bad/malformed-manifest/rendered"]).ended_with(1);
}

#[test]
fn changes_are_2_only_if_asked() {
    let plan = ["plan", "-f", "examples/capability/fleet.yaml", "--detailed-exitcode"];
    oarlock(&plan[..3]).ended_with(0);
    oarlock(&plan).ended_with(2);
}

#[test]
fn findings_at_the_threshold_are_4() {
    let plan = ["plan", "-f", "examples/acme/fleet.yaml"];
    oarlock(&plan).ended_with(4);
    oarlock(&["plan", "-f", "examples/acme/fleet.yaml", "--detailed-exitcode"]).ended_with(4);
}

#[test]
fn what_cannot_be_decided_is_5() {
    let unknown = "apiVersion: made.example/v1\nkind: Up\nmetadata: {name: a, namespace: shop}\n";
    let run = oarlock_reading(unknown, &["needs", "-"]).ended_with(5);
    assert!(run.stderr.contains("`Up`"), "{}", run.stderr);
    assert!(run.stderr.contains("kubectl get --raw /apis/made.example/v1"), "{}", run.stderr);
    // Findings aside, the plan leaves the shipped cluster-admin roles to people.
    oarlock(&["plan", "-f", "examples/acme/fleet.yaml", "--fail-on", "never", "--detailed-exitcode"])
        .ended_with(5);
}

#[test]
fn wrong_usage_is_64() {
    oarlock(&[]).ended_with(64);
    oarlock(&["plan"]).ended_with(64);
    oarlock(&["row"]).ended_with(64);
    oarlock(&["needs", "-", "--detailed-exitcode"]).ended_with(64);
    oarlock(&["needs", "-", "--group", "system:masters"]).ended_with(64);
    oarlock(&[
        "render",
        "-f",
        "fleet.yaml",
        "--plan",
        "plan.json",
        "--format",
        "terraform",
        "--out-dir",
        "x",
    ])
    .ended_with(64);
    let run = oarlock(&["render", "-f", "fleet.yaml", "--format", "helm", "--out-dir", "x"]).ended_with(64);
    assert!(run.stderr.contains("terraform"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
}

#[test]
fn every_verb_has_an_example_in_its_help() {
    for verb in VERBS {
        let help = oarlock(&[verb, "--help"]).ended_with(0).stdout;
        assert!(help.contains("Example") && help.contains(&format!("  oarlock {verb}")), "{verb}:\n{help}");
    }
}

#[test]
fn the_help_lists_every_verb() {
    let help = oarlock(&["--help"]).ended_with(0).stdout;
    for verb in VERBS {
        assert!(help.contains(&format!("\n  {verb} ")), "{help}");
    }
}

#[test]
fn lines_of_help_fit_100_columns() {
    for verb in VERBS {
        let help = oarlock(&[verb, "--help"]).stdout;
        let longest = help.lines().max_by_key(|line| line.chars().count()).unwrap();
        assert!(longest.chars().count() <= 100, "{verb}: {longest}");
    }
}

#[test]
fn the_version_is_the_workspaces() {
    assert_eq!(
        oarlock(&["--version"]).ended_with(0).stdout,
        concat!("oarlock ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    // More than a pipe holds, so that writing goes on after the reader has gone.
    let mut child = command(&["plan", "-f", "examples/acme/fleet.yaml", "-o", "json", "--fail-on", "never"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "{\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_pipe_gets_no_colour() {
    for arguments in [
        &["plan", "-f", "examples/acme/fleet.yaml"][..],
        &["plan", "-f", "examples/bad/unknown-field/fleet.yaml"],
        &["plan", "--help"],
    ] {
        let run = oarlock(arguments);
        assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'));
    }
}
