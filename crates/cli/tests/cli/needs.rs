//! `oarlock needs`: what it reads, and what it prints.

use std::collections::{BTreeMap, BTreeSet};

use facts::Verdict;
use rbac::{Binding, Identity, Permission, PermissionSet, Policy, Role};
use serde_json::Value;

use crate::run::{Run, argument, oarlock, oarlock_on_screen, oarlock_reading};

const OLD: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
";

const NEW: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
";

/// `new --against old`, with more arguments.
fn compared(new: &str, old: &str, more: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let (new_file, old_file) = (folder.path().join("new.yaml"), folder.path().join("old.yaml"));
    std::fs::write(&new_file, new).unwrap();
    std::fs::write(&old_file, old).unwrap();
    let mut arguments = vec!["needs", argument(&new_file), "--against", argument(&old_file)];
    arguments.extend(more);
    oarlock_on_screen(200, &arguments)
}

fn permissions(json: &Value, list: &str) -> Vec<Permission> {
    let needs = json[list].as_array().unwrap().iter();
    needs.map(|need| serde_json::from_value(need["permission"].clone()).unwrap()).collect()
}

fn objects(yaml: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(yaml).unwrap()
}

#[test]
fn standard_input_is_a_file_called_minus() {
    let run = oarlock_reading(NEW, &["needs", "-"]).ended_with(0);
    assert!(run.stdout.contains("ingresses.networking.k8s.io"), "{}", run.stdout);
    assert!(run.stdout.contains(" :5\n") && run.stdout.ends_with("\nPlaces are in `-`.\n"), "{}", run.stdout);
}

#[test]
fn a_mistake_on_standard_input_has_its_place() {
    let run = oarlock_reading("kind: ConfigMap\nmetadata: {name: a}\n", &["needs", "-"]).ended_with(1);
    assert!(run.stderr.contains("-:1:1"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_folder_is_read_with_all_below_it() {
    let all = oarlock(&["needs", "examples/acme/rendered/ingress", "-o", "json"]).ended_with(0).json();
    let crds =
        oarlock(&["needs", "examples/acme/rendered/ingress/crds.yaml", "-o", "json"]).ended_with(0).json();
    let (all, crds) = (permissions(&all, "needs"), permissions(&crds, "needs"));
    assert!(crds.len() < all.len());
    let all: PermissionSet = all.into_iter().collect();
    let lacking = crds.iter().find(|need| !all.contains(need));
    assert!(lacking.is_none(), "{lacking:?}");
}

#[test]
fn json_is_one_object_with_api_version_and_kind() {
    let json = oarlock_reading(NEW, &["needs", "-", "-o", "json"]).ended_with(0).json();
    assert_eq!(json["apiVersion"], "oarlock.dev/v1alpha1");
    assert_eq!(json["kind"], "Needs");
    assert_eq!(json["complete"], true);
    assert!(json["needs"].as_array().unwrap().iter().all(|need| need["reasons"][0]["operation"].is_string()));
}

#[test]
fn yaml_grants_exactly_the_needs() {
    for path in ["ingress", "reports", "certificates", "baseline-prod", "ingest", "dashboards"] {
        let path = format!("examples/acme/rendered/{path}");
        let discovery =
            "examples/acme/inventory/clusters/444455556666/eu-west-1/payments/kubernetes/discovery";
        let needs = ["needs", &path, "-n", "shop", "--discovery", discovery, "--prune", "-o"];
        let json = oarlock(&[&needs[..], &["json"]].concat()).ended_with(0).json();
        let yaml = oarlock(&[&needs[..], &["yaml", "--group", "deployers"]].concat()).ended_with(0);
        let (granted, of_others) = (held(&yaml.stdout, "deployers"), held(&yaml.stdout, "others"));
        let needed: PermissionSet = permissions(&json, "needs").into_iter().collect();
        assert!(matches!(granted.covers(&needed), Verdict::Holds), "{path}: {:?}", granted.covers(&needed));
        assert!(matches!(needed.covers(&granted), Verdict::Holds), "{path}: {:?}", needed.covers(&granted));
        assert!(of_others.is_empty(), "{path}");
    }
}

/// What the printed objects give to a group, as Kubernetes evaluates them.
fn held(yaml: &str, group: &str) -> PermissionSet {
    let (mut roles, mut bindings) = (Vec::new(), Vec::new());
    for object in objects(yaml) {
        let kind = object["kind"].as_str().unwrap().to_owned();
        match kind.as_str() {
            "Role" | "ClusterRole" => roles.push(serde_json::from_value::<Role>(object).unwrap()),
            "RoleBinding" | "ClusterRoleBinding" => {
                bindings.push(serde_json::from_value::<Binding>(object).unwrap())
            }
            other => panic!("`{other}` is no RBAC object"),
        }
    }
    Policy::new(roles, bindings, []).held(&Identity::user("somebody", [group])).permissions
}

#[test]
fn yaml_names_the_namespaces_that_must_exist_first() {
    let manifest = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}}";
    let yaml = oarlock_reading(manifest, &["needs", "-", "-n", "cart", "-o", "yaml"]).ended_with(0).stdout;
    assert_eq!(yaml.lines().next(), Some("# Namespaces that must exist first: shop"));
}

#[test]
fn what_argo_cd_excludes_as_it_is_shipped_needs_nothing() {
    let service = "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: shop}}";
    let endpoints = |arguments: &[&str]| {
        let arguments = [&["needs", "-"], arguments].concat();
        oarlock_reading(service, &arguments).ended_with(0).stdout.contains(" endpoints ")
    };
    assert!(!endpoints(&[]));
    assert!(endpoints(&["--exclusions", "none"]));
    assert!(endpoints(&["--argocd-version", "2.14"]), "it came with 3.0");
}

#[test]
fn yaml_can_be_read_as_manifests_again() {
    let yaml = oarlock_reading(NEW, &["needs", "-", "-o", "yaml"]).ended_with(0).stdout;
    let kinds: BTreeSet<_> =
        objects(&yaml).iter().map(|object| object["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"].map(str::to_owned).into());
    let again = oarlock_reading(&yaml, &["needs", "-", "-o", "json"]);
    assert!(!permissions(&again.json(), "needs").is_empty(), "{}", again.stderr);
}

#[test]
fn a_comparison_shows_what_is_added_and_what_can_go() {
    let run = compared(NEW, OLD, &[]).ended_with(0);
    let lines: BTreeMap<bool, Vec<&str>> = run.stdout.lines().fold(BTreeMap::new(), |mut lines, line| {
        match line.split_whitespace().next() {
            Some("+") => lines.entry(true).or_insert_with(Vec::new).push(line),
            Some("-") => lines.entry(false).or_insert_with(Vec::new).push(line),
            _ => {}
        }
        lines
    });
    assert!(lines[&true].iter().any(|line| line.contains("ingresses.networking.k8s.io")), "{}", run.stdout);
    assert!(lines[&false].iter().any(|line| line.contains("cronjobs.batch")), "{}", run.stdout);
    assert!(!run.stdout.contains("configmaps"), "{}", run.stdout);
    assert!(run.stdout.contains(" can go once the change is synced."), "{}", run.stdout);
}

#[test]
fn a_comparison_in_markdown_is_a_table() {
    let markdown = compared(NEW, OLD, &["-o", "markdown"]).ended_with(0).stdout;
    assert!(markdown.starts_with("**Argo CD needs "), "{markdown}");
    let rows: Vec<_> = markdown.lines().filter(|line| line.starts_with('|')).collect();
    let columns = |row: &str| row.matches(" | ").count();
    assert!(rows.len() > 3 && rows[1].starts_with("| ---"), "{markdown}");
    assert!(rows.iter().all(|row| columns(row) == columns(rows[1])), "{markdown}");
    assert!(rows.iter().any(|row| row.contains("**+**") && row.contains("`ingresses.networking.k8s.io`")));
    assert!(rows.iter().any(|row| row.contains("**-**") && row.contains("`cronjobs.batch`")));
}

#[test]
fn a_comparison_in_json_has_both_sides() {
    let json = compared(NEW, OLD, &["-o", "json"]).ended_with(0).json();
    assert_eq!(json["apiVersion"], "oarlock.dev/v1alpha1");
    assert_eq!(json["kind"], "NeedsComparison");
    let resource = |permission: &Permission| match permission {
        Permission::Resource { resource, .. } => resource.to_string(),
        Permission::NonResource { path, .. } => path.to_string(),
    };
    let added: BTreeSet<_> = permissions(&json, "added").iter().map(resource).collect();
    let removed: BTreeSet<_> = permissions(&json, "removed").iter().map(resource).collect();
    assert!(added.contains("ingresses") && !added.contains("configmaps"), "{added:?}");
    assert!(removed.contains("cronjobs") && !removed.contains("configmaps"), "{removed:?}");
}

#[test]
fn a_difference_is_2_only_if_asked() {
    compared(NEW, OLD, &[]).ended_with(0);
    compared(NEW, OLD, &["--detailed-exitcode"]).ended_with(2);
    let same = compared(NEW, NEW, &["--detailed-exitcode"]).ended_with(0);
    assert_eq!(same.stdout, "no difference: the same permissions as before\n");
    let same = compared(NEW, NEW, &["-o", "markdown"]).ended_with(0);
    assert_eq!(same.stdout, "**Argo CD needs the same permissions as before.**\n");
}

#[test]
fn the_table_fits_100_columns_in_a_pipe() {
    let run = oarlock(&["needs", "examples/acme/rendered/checkout/checkout-prod-eu.yaml", "-n", "checkout"]);
    let longest = run.stdout.lines().max_by_key(|line| line.chars().count()).unwrap();
    assert!(longest.chars().count() <= 100, "{longest}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let run = |format| oarlock(&["needs", "examples/acme/rendered/monitoring", "-o", format]);
    for format in ["table", "json", "yaml", "markdown"] {
        let (a, b) = (run(format), run(format));
        assert_eq!((a.stdout, a.stderr), (b.stdout, b.stderr), "{format}");
    }
}

#[test]
fn what_a_manifest_says_does_not_steer_the_terminal() {
    let evil = "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: \"r\\e[2J\\nx\", namespace: shop}, rules: []}\n---\n\
                {apiVersion: ex.io/v1, kind: \"E\\u202evil\", metadata: {name: a}}\n";
    for format in ["table", "markdown"] {
        let run = oarlock_reading(evil, &["needs", "-", "--names", "exact", "-o", format]).ended_with(5);
        let said = run.stdout + &run.stderr;
        assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said:?}");
        assert!(said.contains(r"\u{1b}[2J") && said.contains(r"E\u{202e}vil"), "{said}");
    }
    let json = oarlock_reading(evil, &["needs", "-", "--names", "exact", "-o", "json"]).ended_with(5).json();
    assert!(json.to_string().contains(r"r\u001b[2J\nx"), "JSON has the name as it is");
}

#[test]
fn what_is_not_rendered_yet_is_told_with_the_command_that_renders_it() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("base");
    std::fs::create_dir(&base).unwrap();
    std::fs::write(base.join("kustomization.yaml"), "resources: [settings.yaml]\n").unwrap();
    std::fs::write(base.join("settings.yaml"), OLD).unwrap();
    let run = oarlock(&["needs", argument(folder.path())]).ended_with(1);
    assert!(run.stderr.contains("is a kustomization, not the manifests"), "{}", run.stderr);
    assert!(run.stderr.contains("`kubectl kustomize "), "{}", run.stderr);
    assert!(run.stderr.contains("1 problem in the input"), "{}", run.stderr);
}
