//! `oarlock diagnose`, with and without the example's inventory.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use crate::run::oarlock;

const INVENTORY: [&str; 2] = ["-i", "examples/acme/inventory"];
const REFUSED: &str = r#"configmaps is forbidden: User "system:serviceaccount:ci:runner" cannot create resource "configmaps" in API group "" in the namespace "reports""#;
const ASKED_FOR: &str = "the server has asked for the client to provide credentials";

#[test]
fn a_text_is_told_with_hop_causes_and_fix() {
    let run = oarlock(&["diagnose", ASKED_FOR]).ended_with(0);
    for line in [
        "credentials-asked-for: ",
        "  hop: cluster-identity, or token\n",
        "  cause:\n",
        "  fix:\n",
        "  sources: ",
        "1 error in 1 message",
    ] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
}

#[test]
fn what_no_signature_has_is_shown_and_ends_with_5() {
    let run = oarlock(&["diagnose", "something for no reason"]).ended_with(5);
    assert!(run.stdout.contains("not recognised, at (argument):1\n  something for"), "{}", run.stdout);
    let none = oarlock(&["diagnose", "no-such-file.log"]).ended_with(1);
    assert!(none.stderr.contains("there is no file `no-such-file.log`"), "{}", none.stderr);
}

#[test]
fn standard_input_may_be_anything() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_oarlock"))
        .args(["diagnose", "-", "-o", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let bytes = [b"\xff\xfe{\n".as_slice(), REFUSED.as_bytes(), b"\n{\"a\": [\n"].concat();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&json["kind"], &json["errors"][0]["signature"]),
        (&"Diagnosis".into(), &"rbac-forbidden".into()),
        "{json}"
    );
}

#[test]
fn a_service_account_s_rule_needs_no_inventory() {
    let json = oarlock(&["diagnose", REFUSED, "-o", "json"]).ended_with(0).json();
    let repair = &json["errors"][0]["repair"];
    assert_eq!(repair["answer"], "yes", "{json}");
    let text = repair["changes"][0]["text"].as_str().unwrap();
    assert!(text.contains("kind: Role\n") && text.contains("name: runner\n"), "{text}");
    let hcl = oarlock(&["diagnose", REFUSED, "--fix", "terraform"]).ended_with(0).stdout;
    assert!(hcl.contains("resource \"kubernetes_role_v1\" \"argocd_create_configmaps\" {"), "{hcl}");
    let cli = oarlock(&["diagnose", REFUSED, "--fix", "cli"]).ended_with(0).stdout;
    assert!(cli.contains("kubectl apply -f - <<'EOF'"), "{cli}");
}

#[test]
fn an_inventory_tells_the_one_cause_and_what_else_a_change_allows() {
    let text = r#"roles.rbac.authorization.k8s.io is forbidden: User "arn:aws:sts::777788889999:assumed-role/argocd-analytics/1" cannot list resource "roles" in API group "rbac.authorization.k8s.io" at the cluster scope"#;
    let asked = ["diagnose", text, "--cluster", "arn:aws:eks:eu-west-1:444455556666:cluster/payments"];
    let run = oarlock(&[&asked[..], &INVENTORY].concat()).ended_with(0);
    for line in [
        "  hop: cluster-identity\n  cause: no access entry names it\n",
        "  smallest change, 1 of 2: an access entry of",
        "  smallest change, 2 of 2: a ClusterRole `argocd-list-roles`, bound to the Group `argocd-analytics`",
        "  checked: with them it is allowed\n",
        "it allows watch roles.rbac.authorization.k8s.io cluster-wide, too",
    ] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
    // Two clusters of the inventory have that name.
    let cli = oarlock(&[&asked[..], &INVENTORY, &["--fix", "cli"]].concat()).ended_with(0).stdout;
    for command in [
        "aws ${OARLOCK_PROFILE_444455556666:+--profile=\"$OARLOCK_PROFILE_444455556666\"} eks create-access-entry --cluster-name payments --region eu-west-1 ",
        "kubectl --context \"${OARLOCK_CONTEXT_444455556666_eu_west_1_payments:-arn:aws:eks:eu-west-1:444455556666:cluster/payments}\" apply -f - <<'EOF'\n",
    ] {
        assert!(cli.contains(command), "{command}: {cli}");
    }
}

#[test]
fn what_an_error_doesn_t_say_is_asked_for_and_ends_with_5() {
    let run = oarlock(&[&["diagnose", ASKED_FOR][..], &INVENTORY].concat()).ended_with(5);
    assert!(
        run.stdout.contains("not known: which cluster it is about") && run.stdout.contains("--cluster NAME"),
        "{}",
        run.stdout
    );
    let fine =
        oarlock(&[&["diagnose", ASKED_FOR, "--cluster", "staging", "-o", "json"][..], &INVENTORY].concat());
    let json = fine.ended_with(0).json();
    assert_eq!(json["errors"][0]["inventory"]["answer"], "yes", "{json}");
}
