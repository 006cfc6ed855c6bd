//! `oarlock plan`, `show` and `render`: saved plans, output folders, and the same bytes twice.

use std::fs;

use crate::run::{argument, copied, files, oarlock};

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

#[test]
fn destroying_is_an_aim_of_its_own_and_stands_in_the_plan() {
    let json = oarlock(&["plan", "-f", CAPABILITY, "--destroy", "-o", "json"]).ended_with(0).json();
    assert_eq!(json["destroy"], true);
    assert_eq!(json["steps"], serde_json::json!([]), "nothing there is Oarlock's");
    let both = oarlock(&["plan", "-f", CAPABILITY, "--destroy", "--adopt"]).ended_with(64);
    assert!(both.stderr.contains("cannot be used with"), "{}", both.stderr);
}

/// The example, its cluster `orders` and what deploys to it written otherwise.
fn without_orders(written: impl Fn(&str) -> String) -> tempfile::TempDir {
    let folder = copied("examples/capability");
    let fleet = folder.path().join("fleet.yaml");
    let text = fs::read_to_string(&fleet).unwrap();
    let of_orders = text.lines().find(|line| line.contains("name: orders")).unwrap();
    fs::write(&fleet, text.replace(&format!("{of_orders}\n"), &written(of_orders))).unwrap();
    folder
}

#[test]
fn an_application_on_a_cluster_that_is_left_ends_with_4() {
    let folder = without_orders(|line| format!("{}\n", line.replace('}', ", leaving: true}")));
    let run = oarlock(&["plan", "-f", argument(&folder.path().join("fleet.yaml"))]).ended_with(4);
    assert!(run.stdout.contains("error[application-on-a-cluster-that-is-left]: on orders"), "{}", run.stdout);
    assert!(!run.stdout.contains("orders: 0 needs"), "{}", run.stdout);
}

#[test]
fn what_was_applied_on_a_cluster_that_the_fleet_file_forgot_is_told() {
    let folder = without_orders(|_| String::new());
    let (fleet, state) = (folder.path().join("fleet.yaml"), folder.path().join(".oarlock"));
    let applications = folder.path().join("argocd/applications.yaml");
    let text = fs::read_to_string(&applications).unwrap();
    let stay: Vec<&str> = text.split("---\n").filter(|own| !own.contains("name: orders")).collect();
    fs::write(&applications, stay.join("---\n")).unwrap();
    let told = || {
        let json = oarlock(&["plan", "-f", argument(&fleet), "-o", "json"]).ended_with(0).json();
        let findings = json["findings"].as_array().unwrap().clone();
        let behind = findings.into_iter().filter(|own| own["id"] == "removal-left-behind");
        behind.map(|own| own["message"].as_str().unwrap().to_owned()).collect::<Vec<String>>()
    };
    assert_eq!(told(), [] as [String; 0]);
    fs::create_dir(&state).unwrap();
    let applied = state.join("applied.json");
    // Without an inventory everything is made.
    let whole = copied("examples/capability");
    fs::remove_dir_all(whole.path().join("inventory")).unwrap();
    let before = whole.path().join("fleet.yaml");
    oarlock(&["plan", "-f", argument(&before), "--fail-on", "never", "--out", argument(&applied)]);
    let told = told();
    let named = |message: &&String| {
        message.starts_with(
            "arn:aws:eks:eu-central-1:444455556666:cluster/orders isn't in the fleet file any more",
        )
    };
    assert_eq!(told.iter().filter(named).count(), 1, "{told:#?}");
}
