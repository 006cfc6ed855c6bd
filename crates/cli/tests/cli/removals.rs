//! What a run of `oarlock apply` was to remove, in the plans and the drift after it.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use crate::run::{Run, argument, copied, oarlock};

const CLUSTER: &str = "arn:aws:eks:eu-west-1:444455556666:cluster/payments";
const ADMIN: &str = "arn:aws:iam::444455556666:role/platform-admin";

/// The example, with a state folder beside the fleet file.
struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn remembering(removals: &Value) -> Self {
        let scene = Self { folder: copied("examples/acme") };
        scene.write(&json!({ "fleets": { "acme": removals } }).to_string());
        scene
    }

    fn write(&self, text: &str) {
        fs::create_dir_all(self.path(".oarlock")).unwrap();
        fs::write(self.path(".oarlock/removals.json"), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, verb: &str, more: &[&str]) -> Run {
        let (fleet, inventory) = (self.path("fleet.yaml"), self.path("inventory"));
        oarlock(&[&[verb, "-f", argument(&fleet), "-i", argument(&inventory)], more].concat())
    }
}

/// Of a role that has nothing to do with Argo CD.
fn entry(digest: &str) -> Value {
    let object = json!({ "location": { "eks": CLUSTER }, "kind": "access entry", "name": ADMIN });
    json!({ "object": object, "reads": [{ "object": object, "digest": digest }], "owner": "adopt" })
}

fn step<'p>(plan: &'p Value, name: &str) -> Option<&'p Value> {
    let is_it = |step: &&Value| step["object"]["name"] == name && step["action"]["type"] == "delete";
    plan["steps"].as_array().unwrap().iter().find(is_it)
}

#[test]
fn what_has_changed_since_is_pending_with_adoption_or_without_and_has_drifted() {
    let scene = Scene::remembering(&json!([entry("another")]));
    for more in [&["-o", "json"][..], &["-o", "json", "--adopt"]] {
        let plan = scene.run("plan", more).json();
        let step = step(&plan, ADMIN).unwrap();
        assert_eq!((&step["owner"], &step["leftOver"]), (&json!("foreign"), &json!(true)));
        let findings = plan["findings"].as_array().unwrap();
        assert!(findings.iter().any(|finding| finding["id"] == "removal-changed"), "{findings:#?}");
    }
    let shown = scene.run("plan", &[]).stdout;
    assert!(shown.contains("(pending: it has changed since it was to go)"), "{shown}");
    assert!(shown.contains(", 1 object that changed meanwhile"), "{shown}");
    let drift = scene.run("drift", &["-o", "json"]).json();
    let has_drifted = |drifted: &Value| drifted["object"]["name"] == ADMIN && drifted["drift"] == "added";
    assert!(drift["objects"].as_array().unwrap().iter().any(has_drifted), "{drift}");
    let elsewhere = tempfile::tempdir().unwrap();
    let none = scene.run("plan", &["-o", "json", "--state", argument(elsewhere.path())]).json();
    assert_eq!(step(&none, ADMIN), None, "another state folder");
}

#[test]
fn what_is_as_it_was_is_removed_for_the_adoption_of_the_plan_before() {
    let scene = Scene::remembering(&json!([]));
    let first = scene.run("plan", &["-o", "json", "--adopt"]).json();
    let removals: Vec<Value> = first["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["action"]["type"] == "delete" && step["object"]["kind"] == "access entry")
        .map(|step| json!({ "object": step["object"], "reads": step["reads"], "owner": step["owner"] }))
        .collect();
    assert!(!removals.is_empty());
    let next = Scene::remembering(&json!(removals)).run("plan", &["-o", "json"]).json();
    for removal in &removals {
        let step = step(&next, removal["object"]["name"].as_str().unwrap()).unwrap();
        assert_eq!((&step["owner"], &step["leftOver"]), (&json!("adopt"), &json!(true)), "{step}");
    }
}

#[test]
fn another_fleets_removals_are_its_own_and_nonsense_is_told() {
    let scene = Scene::remembering(&json!([]));
    scene.write(&json!({ "fleets": { "other": [entry("another")] } }).to_string());
    assert_eq!(step(&scene.run("plan", &["-o", "json"]).json(), ADMIN), None);
    scene.write("{");
    let run = scene.run("plan", &[]).ended_with(1);
    assert!(run.stderr.contains("removals.json isn't what was written"), "{}", run.stderr);
}
