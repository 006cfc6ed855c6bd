//! The outputs for the example fleets, kept in `examples/` to be read. `OARLOCK_UPDATE_GOLDEN=1` writes them anew.

use std::{env, fs, path::Path};

use crate::run::{argument, files, oarlock, root};

/// Compares a text with a file below `examples/`, or writes it.
#[track_caller]
fn same(path: &str, text: &str) {
    let file = root().join("examples").join(path);
    if updating() {
        fs::write(file, text).unwrap();
        return;
    }
    let golden = fs::read_to_string(file).unwrap_or_default();
    if let Some(difference) = difference(&golden, text) {
        panic!("examples/{path} has changed: review it, then run with OARLOCK_UPDATE_GOLDEN=1\n{difference}");
    }
}

fn updating() -> bool {
    env::var_os("OARLOCK_UPDATE_GOLDEN").is_some_and(|value| value == "1")
}

/// The first line that differs, from both.
fn difference(golden: &str, text: &str) -> Option<String> {
    if golden == text {
        return None;
    }
    let (mut a, mut b) = (golden.split('\n'), text.split('\n'));
    for number in 1.. {
        match (a.next(), b.next()) {
            (a, b) if a != b => {
                let show = |line: Option<&str>| line.unwrap_or("(the end)").to_owned();
                return Some(format!("line {number}\n- {}\n+ {}", show(a), show(b)));
            }
            (None, None) => return None,
            _ => {}
        }
    }
    None
}

/// `plan` and `plan -o matrix` of a fleet.
#[track_caller]
fn plans(fleet: &str, status: i32, plan: &str, matrix: &str) {
    let fleet = format!("examples/{fleet}");
    same(plan, &oarlock(&["plan", "-f", &fleet]).ended_with(status).stdout);
    same(matrix, &oarlock(&["plan", "-f", &fleet, "-o", "matrix"]).ended_with(status).stdout);
}

/// `render` of a fleet in some formats; updating is an ordinary run over the folder.
#[track_caller]
fn renders(fleet: &str, status: i32, folder: &str, formats: &[&str]) {
    let fresh = tempfile::tempdir().unwrap();
    for format in formats {
        let golden = root().join("examples").join(folder).join(format);
        let out = if updating() { golden.clone() } else { fresh.path().join(format) };
        let fleet = format!("examples/{fleet}");
        oarlock(&["render", "-f", &fleet, "--format", format, "--out-dir", argument(&out)])
            .ended_with(status);
        same_folder(&golden, &out);
    }
}

#[track_caller]
fn same_folder(golden: &Path, made: &Path) {
    let (golden, made) = (files(golden), files(made));
    let paths =
        |files: &std::collections::BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(paths(&golden), paths(&made), "other files than before");
    for (path, text) in &made {
        if let Some(difference) = difference(&golden[path], text) {
            panic!("{path} has changed: review it, then run with OARLOCK_UPDATE_GOLDEN=1\n{difference}");
        }
    }
}

#[test]
fn the_examples_errors_are_told_as_in_the_golden_file() {
    let asked = ["diagnose", "examples/acme/errors.log", "-i", "examples/acme/inventory"];
    same("acme/diagnose.out", &oarlock(&asked).ended_with(5).stdout);
}

#[test]
fn acme_with_pod_identity() {
    plans("acme/fleet.yaml", 4, "acme/plan.out", "acme/access-matrix.out");
}

#[test]
fn acme_once_what_belongs_to_others_may_change() {
    let run = oarlock(&["plan", "-f", "examples/acme/fleet.yaml", "--adopt"]);
    same("acme/plan-adopt.out", &run.ended_with(4).stdout);
}

#[test]
fn acme_with_irsa() {
    plans("acme/fleet-irsa.yaml", 4, "acme/plan-irsa.out", "acme/access-matrix-irsa.out");
}

#[test]
fn the_capability() {
    plans("capability/fleet.yaml", 0, "capability/plan.out", "capability/access-matrix.out");
}

#[test]
fn acme_as_files() {
    let formats = ["kubernetes", "terraform", "cloudformation"];
    renders("acme/fleet.yaml", 4, "acme/rendered-output", &formats);
}

#[test]
fn the_capability_as_files() {
    let formats = ["kubernetes", "terraform", "cloudformation", "aws-cli"];
    renders("capability/fleet.yaml", 0, "capability/rendered-output", &formats);
}

#[test]
fn needs_of_one_application() {
    let chart = "examples/acme/rendered/ingress";
    same(
        "acme/needs-ingress.out",
        &oarlock(&["needs", chart, "-n", "ingress", "--prune"]).ended_with(0).stdout,
    );
}

#[test]
fn acme_with_other_choices_of_roles() {
    for (format, golden) in [("table", "acme/tradeoff.out"), ("svg", "acme/tradeoff.svg")] {
        // 5: some RBAC objects of Acme's Applications wait for a choice.
        let run = oarlock(&["tradeoff", "-f", "examples/acme/fleet.yaml", "-o", format]);
        same(golden, &run.ended_with(5).stdout);
    }
}

#[test]
fn acme_once_somebody_has_its_argo_cd() {
    for (format, golden) in [
        ("table", "acme/reach.out"),
        ("dot", "acme/reach.dot"),
        ("mermaid", "acme/reach.mmd"),
        ("svg", "acme/reach.svg"),
    ] {
        let run = oarlock(&["reach", "argocd", "-i", "examples/acme/inventory", "-o", format]);
        same(golden, &run.ended_with(5).stdout);
    }
}

#[test]
fn the_audit_of_acme_is_golden() {
    let arguments = ["audit", "-i", "examples/acme/inventory", "--today", "2026-11-26"];
    same("acme/audit.out", &oarlock(&arguments).ended_with(4).stdout);
}
