//! `oarlock audit`: what is shown of findings, in which format, and what is left alone.

use std::{fs, path::PathBuf};

use serde_json::Value;

use crate::run::{argument, oarlock, oarlock_reading};

const TRUST: &str = "{
  \"Version\": \"2012-10-17\",
  \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"*\"}, \"Action\": \"sts:AssumeRole\"}]
}
";

/// In the secret value, and nowhere else.
const MARK: &str = "hunter2";

fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn cluster_secret() -> String {
    format!(
        "apiVersion: v1
kind: Secret
metadata:
  name: spoke
  namespace: argocd
  labels: {{argocd.argoproj.io/secret-type: cluster}}
stringData:
  name: spoke
  server: https://ABC.gr7.eu-west-1.eks.amazonaws.com
  config: '{{\"bearerToken\": \"{MARK}\", \"tlsClientConfig\": {{\"insecure\": true}}}}'
"
    )
}

#[test]
fn a_finding_is_shown_with_its_line_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let text = oarlock(&["audit", argument(&file(&folder, "trust.json", TRUST))]).ended_with(4).stdout;
    assert!(
        text.contains("error[anybody-may-assume]: everybody with an AWS account may assume the role"),
        "{text}"
    );
    assert!(text.contains("trust.json:3:58"), "{text}");
    assert!(text.contains("^^^^"), "{text}");
    assert!(text.contains("help: name the roles"), "{text}");
    assert!(text.ends_with("checks\n") && text.contains("1 error in 1 file by "), "{text}");
}

#[test]
fn standard_input_may_be_anything() {
    oarlock_reading(TRUST, &["audit", "-"]).ended_with(4);
    let article =
        format!("# An article\n\n```json\n{TRUST}```\n\n```bash\naws eks associate-pod-identity\n```\n");
    let run = oarlock_reading(&article, &["audit", "-", "-o", "json"]).ended_with(4);
    let ids: Vec<String> =
        run.json()["findings"].as_array().unwrap().iter().map(|found| found["id"].to_string()).collect();
    assert_eq!(ids, ["\"anybody-may-assume\"", "\"associate-pod-identity\""]);
}

#[test]
fn the_status_depends_on_the_threshold_and_on_what_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        &folder,
        "cm.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm}\ndata: {exec.enabled: 'true'}\n",
    );
    oarlock(&["audit", argument(&path)]).ended_with(0);
    oarlock(&["audit", argument(&path), "--fail-on", "note"]).ended_with(4);
    oarlock(&["audit", argument(&path), "--fail-on", "note", "--skip", "exec-enabled"]).ended_with(0);
    oarlock(&["audit", argument(&path), "--fail-on", "note", "--only", "exec-enabled"]).ended_with(4);
    let run = oarlock(&["audit", argument(&path), "--only", "exec-enable"]).ended_with(64);
    assert!(run.stderr.contains("did you mean `exec-enabled`?"), "{}", run.stderr);
    oarlock(&["audit"]).ended_with(64);
    oarlock(&["audit", "nowhere.yaml"]).ended_with(1);
}

#[test]
fn the_list_has_all_checks() {
    let list = oarlock(&["audit", "--list"]).ended_with(0).stdout;
    assert!(list.lines().filter(|line| line.starts_with("  ")).count() >= 60, "{list}");
    assert!(list.contains("irsa-without-sub"), "{list}");
}

#[test]
fn what_a_comment_leaves_alone_is_counted_until_its_day_has_come() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = |until: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: argocd-cm}}\ndata:\n  # oarlock: ignore[exec-enabled]{until} the platform team debugs by it\n  exec.enabled: 'true'\n"
        )
    };
    let audited = |until: &str, status: i32| {
        let path = file(&folder, "cm.yaml", &yaml(until));
        oarlock(&["audit", argument(&path), "--fail-on", "note", "--today", "2026-11-26", "-o", "json"])
            .ended_with(status)
            .json()
    };
    let left = audited("", 0);
    assert_eq!(left["suppressed"][0]["reason"], "the platform team debugs by it");
    assert_eq!(left["summary"]["suppressed"], 1);
    let dated = audited(" until=2026-11-26", 0);
    assert_eq!(dated["suppressed"][0]["until"], "2026-11-26");
    let expired = audited(" until=2026-11-25", 4);
    let ids: Vec<&Value> = expired["findings"].as_array().unwrap().iter().map(|found| &found["id"]).collect();
    assert_eq!(ids, ["suppression-expired", "exec-enabled"]);
}

#[test]
fn a_comment_for_a_check_that_there_isnt_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = |id: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: argocd-cm}}\ndata:\n  exec.enabled: 'true' # oarlock: ignore[{id}] we debug by it\n"
        )
    };
    let audited = |id: &str| {
        let path = file(&folder, "cm.yaml", &yaml(id));
        oarlock(&["audit", argument(&path), "--fail-on", "warning", "-o", "json"])
    };
    let told = audited("exec-enable").ended_with(4).json();
    let ids: Vec<&Value> = told["findings"].as_array().unwrap().iter().map(|found| &found["id"]).collect();
    assert_eq!(ids, ["suppression-of-unknown-check", "exec-enabled"]);
    let place = told["findings"][0]["places"][0].as_str().unwrap();
    assert!(place.ends_with("cm.yaml:5:26"), "{place}");
    assert_eq!(told["findings"][0]["help"][0], "did you mean `exec-enabled`?");
    let far = audited("something-else").ended_with(4).json();
    assert_eq!(far["findings"][0]["help"][0], "`oarlock audit --list` prints them all");
    audited("exec-enabled").ended_with(0);
}

#[test]
fn a_comment_without_a_reason_leaves_nothing_alone_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for until in ["", " until=2027-01-31"] {
        let path = file(
            &folder,
            "cm.yaml",
            &format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: argocd-cm}}\ndata:\n  exec.enabled: 'true' # oarlock: ignore[exec-enabled]{until}\n"
            ),
        );
        let audited =
            ["audit", argument(&path), "--today", "2026-11-26", "--fail-on", "warning", "-o", "json"];
        let told = oarlock(&audited).ended_with(4).json();
        let findings = told["findings"].as_array().unwrap();
        let ids: Vec<&Value> = findings.iter().map(|found| &found["id"]).collect();
        assert_eq!(ids, ["suppression-without-reason", "exec-enabled"]);
        assert!(findings[0]["places"][0].as_str().unwrap().ends_with("cm.yaml:5:26"), "{told}");
        assert_eq!(told["summary"]["suppressed"], 0);
    }
}

#[test]
fn an_ignore_file_needs_reasons_and_checks_that_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let trust = file(&folder, "trust.json", TRUST);
    let ignored = |line: &str| {
        let ignore = file(&folder, "ignored", line);
        oarlock(&["audit", argument(&trust), "--ignore-file", argument(&ignore), "--today", "2026-11-26"])
    };
    ignored("# known\nanybody-may-assume about=\"everybody\" until=2027-01-31 a test account").ended_with(0);
    ignored("anybody-may-assume about=\"nobody\" a test account").ended_with(4);
    ignored("anybody-may-assume file=other.json a test account").ended_with(4);
    let run = ignored("anybody-may-assume until=2027-01-31").ended_with(1);
    assert!(run.stderr.contains("nothing says why `anybody-may-assume` is left alone"), "{}", run.stderr);
    ignored("anybody-may-assume until=tomorrow a test account").ended_with(1);
    let run = ignored("anybody-may-asume a test account").ended_with(1);
    assert!(run.stderr.contains("there is no check `anybody-may-asume`"), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `anybody-may-assume`?"), "{}", run.stderr);
}

#[test]
fn a_baseline_leaves_alone_what_was_there_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let trust = file(&folder, "trust.json", TRUST);
    let report = oarlock(&["audit", argument(&trust), "-o", "json"]).ended_with(4).stdout;
    let baseline = file(&folder, "baseline.json", &report);
    // Lines may move.
    fs::write(&trust, format!("\n\n{TRUST}")).unwrap();
    let run = oarlock(&["audit", argument(&trust), "--baseline", argument(&baseline)]).ended_with(0);
    assert!(run.stdout.contains("1 left alone"), "{}", run.stdout);
    fs::write(&trust, TRUST.replace("\"sts:AssumeRole\"}", "\"sts:AssumeRole\"}, {\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"*\"}, \"Action\": \"sts:AssumeRole\"}")).unwrap();
    oarlock(&["audit", argument(&trust), "--baseline", argument(&baseline)]).ended_with(4);
    oarlock(&["audit", argument(&trust), "--baseline", argument(&trust)]).ended_with(1);
}

#[test]
fn no_format_shows_a_credential() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "secret.yaml", &cluster_secret());
    for format in ["text", "json", "sarif", "markdown", "junit", "html"] {
        let run = oarlock(&["audit", argument(&path), "-o", format]).ended_with(4);
        assert!(
            run.stdout.contains("insecure-tls") || run.stdout.contains("insecure"),
            "{format}: {}",
            run.stdout
        );
        assert!(!run.stdout.contains(MARK) && !run.stderr.contains(MARK), "{format}: {}", run.stdout);
    }
}

#[test]
fn sarif_is_what_its_schema_says_and_within_githubs_limits() {
    let sarif = oarlock(&["audit", "-i", "examples/acme/inventory", "-o", "sarif"]).ended_with(4).json();
    // The types are made from the schema, and refuse what it doesn't have.
    let typed: serde_sarif::sarif::Sarif = serde_json::from_value(sarif.clone()).unwrap();
    assert_eq!(typed.runs.len(), 1);
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(!results.is_empty() && results.len() <= 5_000);
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(result["message"]["text"].as_str().unwrap().chars().count() <= 1_000);
        let place = &result["locations"][0]["physicalLocation"];
        assert!(!place["artifactLocation"]["uri"].as_str().unwrap().starts_with('/'));
        assert!(place["region"]["startLine"].as_u64().unwrap() > 0);
    }
    for rule in rules {
        assert!(rule["shortDescription"]["text"].as_str().unwrap().chars().count() <= 1_024);
        assert!(rule["fullDescription"]["text"].as_str().unwrap().chars().count() <= 1_024);
        assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 10);
    }
}

#[test]
fn the_html_report_needs_nothing_from_elsewhere() {
    let html = oarlock(&["audit", "-i", "examples/acme/inventory", "-o", "html", "--today", "2026-11-26"])
        .ended_with(4)
        .stdout;
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
    for loading in ["<script", "<link", "<img", "src=", "@import", "url("] {
        assert!(!html.contains(loading), "{loading}");
    }
    assert!(html.contains("<mark>") && html.contains("2026-11-26"));
}

#[test]
fn junit_and_markdown_tell_the_same_number_of_failures() {
    let arguments = ["audit", "-i", "examples/acme/inventory", "--fail-on", "warning", "-o"];
    let junit = oarlock(&[&arguments[..], &["junit"]].concat()).ended_with(4).stdout;
    let json = oarlock(&[&arguments[..], &["json"]].concat()).ended_with(4).json();
    let markdown = oarlock(&[&arguments[..], &["markdown"]].concat()).ended_with(4).stdout;
    let count = |name: &str| json["summary"][name].as_u64().unwrap();
    let failures = count("errors") + count("warnings");
    assert!(junit.contains(&format!("failures=\"{failures}\"")), "{}", junit.lines().nth(1).unwrap());
    let rows =
        markdown.lines().filter(|line| line.starts_with("| error") || line.starts_with("| warning")).count();
    assert_eq!(rows as u64, failures);
}

/// A finding that an edit mends, and one that is left alone.
fn settings() -> String {
    let of = |name: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: argocd-cm, namespace: {name}}}\ndata:\n")
    };
    format!(
        "# Ours\n{}  users.anonymous.enabled: 'true' # for the demo\n---\n{}  # oarlock: ignore[exec-enabled] it is wanted\n  exec.enabled: \"true\"\n",
        of("a"),
        of("b")
    )
}

#[test]
fn a_fix_changes_what_it_is_about_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "cm.yaml", &settings());
    let trust = file(&folder, "trust.json", TRUST);
    let fixed = settings().replacen("'true'", "'false'", 1);
    let arguments = ["audit", argument(&path), argument(&trust), "--fix", "--fail-on", "note"];
    let run = oarlock(&[&arguments[..], &["--diff"]].concat()).ended_with(4);
    let changed = "-  users.anonymous.enabled: 'true' # for the demo\n+  users.anonymous.enabled: 'false' # for the demo\n";
    assert!(run.stdout.starts_with("--- ") && run.stdout.contains(changed), "{}", run.stdout);
    assert!(run.stderr.contains("fix: 1 finding would be mended in 1 file, 1 left"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), settings());

    let run = oarlock(&arguments).ended_with(4);
    assert!(run.stderr.contains("fix: 1 finding mended in 1 file, 1 left"), "{}", run.stderr);
    assert!(
        run.stdout.contains("anybody-may-assume") && run.stdout.contains("1 left alone"),
        "{}",
        run.stdout
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), fixed);
    assert_eq!(fs::read_to_string(&trust).unwrap(), TRUST);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left there");

    let run = oarlock(&["audit", argument(&path), "--fix", "--fail-on", "note"]).ended_with(0);
    assert!(run.stderr.contains("fix: 0 findings mended in 0 files, 0 left"), "{}", run.stderr);
    oarlock(&["audit", argument(&path), "--diff"]).ended_with(64);
}

#[cfg(unix)]
#[test]
fn a_fixed_script_can_still_be_run_and_a_link_stays_one() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = tempfile::tempdir().unwrap();
    let script = file(&folder, "add.sh", "argocd cluster add spoke --insecure --aws-cluster-name spoke\n");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let link = folder.path().join("link.sh");
    symlink(&script, &link).unwrap();
    oarlock(&["audit", argument(&link), "--fix"]).ended_with(0);
    assert_eq!(fs::read_to_string(&script).unwrap(), "argocd cluster add spoke --aws-cluster-name spoke\n");
    assert_eq!(fs::metadata(&script).unwrap().permissions().mode() & 0o777, 0o755);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[test]
fn an_inventory_is_never_edited() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("inventory/accounts/111122223333");
    fs::create_dir_all(&below).unwrap();
    let subject = "system:serviceaccount:ArgoCD:argocd-server";
    let issuer = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE";
    let trust = format!(
        "{{\"Version\": \"2012-10-17\", \"Statement\": [{{\"Effect\": \"Allow\", \"Principal\": {{\"Federated\": \"arn:aws:iam::111122223333:oidc-provider/{issuer}\"}},
  \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Condition\": {{\"StringEquals\": {{\"{issuer}:aud\": \"sts.amazonaws.com\", \"{issuer}:sub\": \"{subject}\"}}}}}}]}}"
    );
    fs::write(below.join("trust.json"), &trust).unwrap();
    let run = oarlock(&["audit", argument(folder.path()), "--fix"]).ended_with(4);
    assert!(run.stdout.contains("uppercase-subject"), "{}", run.stdout);
    assert_eq!(fs::read_to_string(below.join("trust.json")).unwrap(), trust);
    let run = oarlock(&["audit", "-i", "examples/acme/inventory", "--fix", "--diff"]).ended_with(4);
    assert!(run.stdout.is_empty() && run.stderr.contains("never edited"), "{}", run.stderr);
}

#[test]
fn sarif_has_the_fixes() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "cm.yaml", &settings());
    let sarif = oarlock(&["audit", argument(&path), "-o", "sarif"]).ended_with(4).json();
    let typed: serde_sarif::sarif::Sarif = serde_json::from_value(sarif.clone()).unwrap();
    assert_eq!(typed.runs[0].results.as_ref().unwrap().len(), 2);
    let change = &sarif["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0];
    let region = serde_json::json!({"startLine": 6, "startColumn": 29, "endLine": 6, "endColumn": 33});
    assert_eq!(change["replacements"][0]["deletedRegion"], region);
    assert_eq!(change["replacements"][0]["insertedContent"]["text"], "false");
}

/// A fleet file that leaves something alone.
fn fleet_with(suppression: &str) -> String {
    format!(
        "apiVersion: oarlock.dev/v1alpha1
kind: Fleet
metadata: {{name: acme}}
spec:
  hub: {{arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/hub', argocd: {{version: '3.5'}}}}
  clusters: [{{arn: 'arn:aws:eks:us-east-1:444455556666:cluster/prod'}}]
  audit:
    suppressions:
      - {suppression}
"
    )
}

#[test]
fn a_fleet_file_says_what_to_leave_alone() {
    let folder = tempfile::tempdir().unwrap();
    let trust = file(&folder, "trust.json", TRUST);
    let audit = |suppression: &str, today: &str| {
        let fleet = file(&folder, "fleet.yaml", &fleet_with(suppression));
        oarlock(&["audit", argument(&trust), "-f", argument(&fleet), "-o", "json", "--today", today])
    };
    let until = "{check: anybody-may-assume, reason: a demo, until: 2027-01-31, file: '*/trust.json'}";
    let run = audit(until, "2027-01-31").ended_with(0).json();
    assert_eq!(run["summary"]["suppressed"], 1);
    assert_eq!(run["suppressed"][0]["reason"], "a demo");
    assert!(run["suppressed"][0]["said"].as_str().unwrap().ends_with("fleet.yaml:9:17"));

    let expired = audit(until, "2027-02-01").ended_with(4).json();
    let ids: Vec<&str> =
        expired["findings"].as_array().unwrap().iter().filter_map(|found| found["id"].as_str()).collect();
    assert_eq!(ids, ["anybody-may-assume", "suppression-expired"]);

    let elsewhere = "{check: anybody-may-assume, reason: a demo, file: 'TRUST.json'}";
    audit(elsewhere, "2026-11-26").ended_with(4);
    let on_a_cluster = "{check: anybody-may-assume, reason: a demo, cluster: '*'}";
    audit(on_a_cluster, "2026-11-26").ended_with(4);

    let run = audit("{check: anybody-may-asume, reason: a demo}", "2026-11-26").ended_with(1);
    assert!(run.stderr.contains("there is no check `anybody-may-asume`"), "{}", run.stderr);
    assert!(run.stderr.contains("fleet.yaml:9:17"), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `anybody-may-assume`?"), "{}", run.stderr);
}
