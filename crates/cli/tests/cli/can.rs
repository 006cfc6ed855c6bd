//! `oarlock can`, on the example's inventory.

use crate::run::oarlock;

const INVENTORY: [&str; 2] = ["-i", "examples/acme/inventory"];
const PAYMENTS: &str = "arn:aws:eks:eu-west-1:444455556666:cluster/payments";

fn can(arguments: &[&str]) -> crate::run::Run {
    oarlock(&[&["can"], arguments, &INVENTORY[..]].concat())
}

#[test]
fn yes_no_and_the_hop_that_says_so() {
    let role = "arn:aws:iam::777788889999:role/argocd-analytics";
    let yes = can(&[role, "create", "deployments", "-n", "x", "--cluster", "analytics"]).ended_with(0);
    assert!(
        yes.stdout.starts_with("yes\n  ✓ cluster-identity: ") && yes.stdout.contains("✓ authorization"),
        "{}",
        yes.stdout
    );
    let no = can(&["group:developers", "*", "*", "--cluster", "tools"]).ended_with(4);
    assert!(no.stdout.starts_with("no\n  ✗ authorization: "), "{}", no.stdout);
    let json = can(&["arn:aws:iam::999900009999:user/ann", "get", "pods", "--cluster", "hub", "-o", "json"])
        .ended_with(4)
        .json();
    assert_eq!((&json["kind"], &json["answer"]), (&"AccessCheck".into(), &"no".into()), "{json}");
    assert_eq!(json["ways"][0]["hops"][0]["at"], "cluster-identity");
}

#[test]
fn argo_cd_is_all_its_identities_and_each_way_has_its_hops() {
    let asked = ["argocd", "create", "deployments", "-n", "payments", "--cluster", PAYMENTS, "-o", "json"];
    let json = can(&asked).ended_with(0).json();
    let ways = json["ways"].as_array().unwrap();
    let whose: Vec<&str> = ways.iter().map(|way| way["who"].as_str().unwrap()).collect();
    assert_eq!(&whose[..2], ["controller", "server"], "{json}");
    let hops: Vec<&str> =
        ways[0]["hops"].as_array().unwrap().iter().map(|hop| hop["at"].as_str().unwrap()).collect();
    let all =
        ["cluster-secret", "service-account", "assume-role", "token", "cluster-identity", "authorization"];
    assert_eq!(hops, all, "{json}");
    // Both sides of the role chain, by the lines of their statements.
    let statements = &ways[0]["hops"][2]["statements"];
    assert_eq!(
        *statements,
        serde_json::json!([
            "examples/acme/inventory/accounts/111122223333/iam-get-account-authorization-details.json:47:29",
            "examples/acme/inventory/accounts/444455556666/iam-get-account-authorization-details.json:14:21"
        ])
    );
    let stranger = can(&["sso:strangers", "create", "deployments", "-n", "payments", "--cluster", PAYMENTS])
        .ended_with(4);
    assert!(
        stranger.stdout.contains("✗ argocd-rbac")
            && stranger.stdout.contains("to change that: p, strangers,"),
        "{}",
        stranger.stdout
    );
}

#[test]
fn pods_and_roles_come_from_elsewhere() {
    let server = "system:serviceaccount:argocd:argocd-server";
    let role = "arn:aws:iam::444455556666:role/argocd-deployer";
    let asked = [server, "get", "pods", "-n", "x", "--cluster", PAYMENTS, "--from", "hub", "--assume", role];
    let yes = can(&asked).ended_with(0);
    assert!(
        yes.stdout.contains("✓ service-account") && yes.stdout.contains("✓ assume-role"),
        "{}",
        yes.stdout
    );
    let without = can(&[server, "get", "pods", "--cluster", "hub", "--assume", role]).ended_with(1).stderr;
    assert!(without.contains("`--assume` needs `--from`"), "{without}");
}

#[test]
fn who_can_names_everybody_with_the_shortest_way() {
    let asked = ["who-can", "delete", "deployments", "-n", "payments", "--cluster", PAYMENTS];
    // From which region roles make their requests isn't known, and an SCP asks.
    let json = oarlock(&[&asked[..], &INVENTORY[..], &["-o", "json"]].concat()).ended_with(5).json();
    let holders = json["holders"].as_array().unwrap();
    let named = |kind: &str, name: &str| {
        holders.iter().any(|own| own["kind"] == kind && own["name"].as_str().unwrap().starts_with(name))
    };
    for (kind, name) in [
        ("group", "system:masters"),
        ("iam", "arn:aws:iam::444455556666:role/argocd-deployer"),
        ("iam", "arn:aws:iam::111122223333:role/argocd-management"),
        ("pod", "system:serviceaccount:argocd:argocd-server on "),
        ("argocd", "controller"),
        ("person", "sso:platform-on-call"),
    ] {
        assert!(named(kind, name), "{kind} {name}: {json}");
    }
    let text = oarlock(&[&asked[..], &INVENTORY[..]].concat()).ended_with(5).stdout;
    assert!(
        text.contains("iam arn:aws:iam::444455556666:role/platform-admin\n  ✓ cluster-identity"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_asked_is_said_with_what_can() {
    let several = can(&["user:x", "get", "pods", "--cluster", "payments"]).ended_with(1).stderr;
    assert!(several.contains(PAYMENTS), "{several}");
    let kind = can(&["user:x", "get", "widgets", "--cluster", "hub"]).ended_with(1).stderr;
    assert!(kind.contains("widgets.example.com"), "{kind}");
    let nodes = can(&["user:x", "get", "nodes", "-n", "default", "--cluster", "hub"]).ended_with(1).stderr;
    assert!(nodes.contains("`nodes` are in no namespace"), "{nodes}");
    let role =
        can(&["arn:aws:iam::111122223333:role/gone", "get", "pods", "--cluster", "hub"]).ended_with(1).stderr;
    assert!(role.contains("has no role `gone`"), "{role}");
}
