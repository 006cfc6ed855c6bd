//! `oarlock plan`, `show` and `render`: saved plans, output folders, and the same bytes twice.

use std::fs;

use crate::run::{argument, files, oarlock};

const ACME: &str = "examples/acme/fleet.yaml";
const CAPABILITY: &str = "examples/capability/fleet.yaml";

#[test]
fn a_saved_plan_shows_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("plan.json");
    let made = oarlock(&["plan", "-f", CAPABILITY, "--out", argument(&saved)]).ended_with(0);
    assert!(made.stderr.contains("saved the plan in "), "{}", made.stderr);
    let shown = oarlock(&["show", argument(&saved)]).ended_with(0);
    assert_eq!(made.stdout, shown.stdout);
    let json = oarlock(&["show", argument(&saved), "-o", "json"]).ended_with(0);
    assert_eq!(json.stdout, fs::read_to_string(&saved).unwrap());
    assert_eq!(json.stdout, oarlock(&["plan", "-f", CAPABILITY, "-o", "json"]).stdout);
}

#[test]
fn json_is_one_object_with_version_kind_and_the_inventorys_digest() {
    let json = oarlock(&["plan", "-f", CAPABILITY, "-o", "json"]).ended_with(0).json();
    assert_eq!(json["apiVersion"], "oarlock.dev/v1alpha1");
    assert_eq!(json["kind"], "Plan");
    assert_eq!(json["oarlockVersion"], env!("CARGO_PKG_VERSION"));
    assert!(json["inventoryDigest"].as_str().unwrap().len() > 32, "{}", json["inventoryDigest"]);
}

#[test]
fn a_saved_plan_renders_as_its_fleet_does() {
    let folder = tempfile::tempdir().unwrap();
    let [saved, of_plan, of_fleet] = ["plan.json", "plan", "fleet"].map(|name| folder.path().join(name));
    oarlock(&["plan", "-f", ACME, "--out", argument(&saved)]).ended_with(4);
    for format in ["kubernetes", "terraform", "cloudformation", "aws-cli"] {
        let (of_plan, of_fleet) = (of_plan.join(format), of_fleet.join(format));
        let render = |from: [&str; 2], out| {
            let run = oarlock(&["render", from[0], from[1], "--format", format, "--out-dir", argument(out)]);
            run.ended_with(4)
        };
        render(["--plan", argument(&saved)], &of_plan);
        render(["-f", ACME], &of_fleet);
        assert!(!files(&of_plan).is_empty());
        assert_eq!(files(&of_plan), files(&of_fleet), "{format}");
    }
}

#[test]
fn a_plan_of_another_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("plan.json");
    oarlock(&["plan", "-f", CAPABILITY, "--out", argument(&saved)]).ended_with(0);
    let ours = format!("\"oarlockVersion\": \"{}\"", env!("CARGO_PKG_VERSION"));
    let text = fs::read_to_string(&saved).unwrap();
    assert!(text.contains(&ours));
    fs::write(&saved, text.replace(&ours, "\"oarlockVersion\": \"99.0.0\"")).unwrap();
    let run = oarlock(&["show", argument(&saved)]).ended_with(1);
    assert!(run.stderr.contains("made by Oarlock `99.0.0`"), "{}", run.stderr);
}

#[test]
fn what_is_no_plan_is_refused() {
    let run = oarlock(&["show", CAPABILITY]).ended_with(1);
    assert!(run.stderr.contains("no saved plan"), "{}", run.stderr);
    assert!(run.stderr.contains("examples/capability/fleet.yaml:1:1"), "{}", run.stderr);
}

#[test]
fn rendering_again_replaces_its_own_files_and_spares_others() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let render =
        |fleet| oarlock(&["render", "-f", fleet, "--format", "terraform", "--out-dir", argument(&out)]);
    render(ACME).ended_with(4);
    let acme = files(&out);
    render(CAPABILITY).ended_with(0);
    let capability = files(&out);
    assert!(acme.keys().any(|path| !capability.contains_key(path)), "nothing of the first fleet went");
    fs::write(out.join("mine.tf"), "# mine\n").unwrap();
    let run = render(ACME).ended_with(1);
    assert!(run.stderr.contains("the output folder holds `mine.tf`"), "{}", run.stderr);
    fs::remove_file(out.join("mine.tf")).unwrap();
    assert_eq!(files(&out), capability, "something was written");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for format in ["table", "json", "matrix"] {
        let run = || oarlock(&["plan", "-f", "examples/acme/fleet-irsa.yaml", "-o", format]);
        let (a, b) = (run(), run());
        assert!(a.stdout == b.stdout && a.stderr == b.stderr, "{format} differs between two runs");
    }
}

#[test]
fn without_an_inventory_everything_is_to_create() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("inventory");
    fs::create_dir(&empty).unwrap();
    let plan =
        oarlock(&["plan", "-f", CAPABILITY, "-i", argument(&empty), "-o", "json", "--fail-on", "never"]);
    let steps = plan.json()["steps"].as_array().unwrap().clone();
    assert!(!steps.is_empty());
    let deletes = steps.iter().filter(|step| step["action"]["type"] == "delete");
    assert_eq!(deletes.count(), 0);
}
