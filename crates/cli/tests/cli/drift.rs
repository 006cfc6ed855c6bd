//! `oarlock drift`, on inventories that are there.

use std::fs;

use crate::run::{Run, argument, copied, oarlock};

/// The example whose plan has nothing left to do, with what was applied.
struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { folder: copied("examples/capability") };
        let (fleet, applied) = (scene.path("fleet.yaml"), scene.path(".oarlock/applied.json"));
        fs::create_dir(scene.path(".oarlock")).unwrap();
        oarlock(&["plan", "-f", argument(&fleet), "--out", argument(&applied)]).ended_with(0);
        scene
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn drift(&self, more: &[&str]) -> Run {
        let (fleet, inventory) = (self.path("fleet.yaml"), self.path("inventory"));
        oarlock(&[&["drift", "-f", argument(&fleet), "-i", argument(&inventory)][..], more].concat())
    }
}

#[test]
fn what_differs_from_the_fleet_file_is_drift() {
    let scene = Scene::new();
    let run = scene.drift(&["--detailed-exitcode"]).ended_with(2);
    assert!(run.stdout.contains("Drift: "), "{}", run.stdout);
    scene.drift(&[]).ended_with(0);
    let json = scene.drift(&["-o", "json"]).ended_with(0).json();
    assert_eq!((&json["kind"], &json["against"]), (&"Drift".into(), &"fleet-file".into()));
    let objects = json["objects"].as_array().unwrap();
    assert!(objects.iter().all(|own| own["drift"].is_string() && own["undo"]["type"].is_string()), "{json}");
    assert_eq!(json["clean"], false);
}

#[test]
fn the_plan_that_was_applied_is_found_beside_the_fleet_file_and_must_be_the_fleets() {
    let scene = Scene::new();
    let json = scene.drift(&["--applied", "-o", "json"]).ended_with(0).json();
    assert_eq!(json["against"], "applied");
    let applied = scene.path(".oarlock/applied.json");
    let text = fs::read_to_string(&applied).unwrap();
    let fleet = format!("\"fleet\": {}", json["fleet"]);
    assert!(text.contains(&fleet), "{fleet}");
    fs::write(&applied, text.replacen(&fleet, "\"fleet\": \"another\"", 1)).unwrap();
    let other = scene.drift(&["--applied"]).ended_with(1);
    assert!(other.stderr.contains("this plan is of the fleet `another`"), "{}", other.stderr);
    fs::remove_file(&applied).unwrap();
    let none = scene.drift(&["--applied"]).ended_with(1);
    assert!(none.stderr.contains("nothing says what was applied last"), "{}", none.stderr);
}

#[test]
fn what_could_not_be_read_is_never_clean() {
    let scene = Scene::new();
    fs::remove_dir_all(scene.path("inventory/accounts")).unwrap();
    for more in [&["--detailed-exitcode"][..], &["--detailed-exitcode", "--applied"]] {
        let run = scene.drift(more).ended_with(5);
        assert!(run.stdout.contains("unknown: "), "{}", run.stdout);
    }
}

#[test]
fn an_inventory_that_is_there_needs_no_way_in() {
    let run = oarlock(&["drift", "-f", "x.yaml", "-i", "there", "--in-cluster"]).ended_with(64);
    assert!(run.stderr.contains("cannot be used with"), "{}", run.stderr);
    let run = oarlock(&["diagnose", "x y", "--in-cluster"]).ended_with(64);
    assert!(run.stderr.contains("--live"), "{}", run.stderr);
}
