//! Claims that the escalation check makes: RBAC alone meets them, whatever access policies give besides.

use argocd::Identity;
use facts::Verdict;
use oarlock_access::{Accounts, At, Claim, Hop, Installation, verify};
use rbac::{Permission, Scope};
use serde_json::{Value, json};

use crate::scene::{Case, Change, World};

const ASSOCIATED: &str =
    "clusters/444455556666/eu-west-1/prod/eks/list-associated-access-policies-deployer.json";
const ROLES: &str = "clusters/444455556666/eu-west-1/prod/kubernetes/roles.json";

/// How it ends that the controller creates Deployments, asked of all authorizers, and in RBAC.
fn verdicts(change: Vec<Change>, without: &[&str]) -> [Verdict<Hop>; 2] {
    let cases: Vec<Case> = serde_saphyr::from_str(include_str!("cases.yaml")).unwrap();
    let without = without.iter().map(|file| (*file).to_owned()).collect();
    let inventory = World::new().inventory(&Case { change, without, ..cases[0].clone() });
    let argocd = Installation::find(&inventory, None).unwrap();
    let arn = inventory.clusters.keys().find(|arn| arn.name == "prod").unwrap();
    let scope = Scope::of(Some("payments"));
    let permission = Permission::resource(scope, "apps", "deployments", "create");
    let claim = |in_rbac| Claim { identity: Identity::Controller, permission: permission.clone(), in_rbac };
    let verified = verify(&Accounts::of(&inventory), &argocd, arn, [false, true].map(claim));
    let mut verdicts = verified.claims.into_iter().map(|verified| verified.verdict);
    [verdicts.next().unwrap(), verdicts.next().unwrap()]
}

fn with_policy(name: &str, scope: Value) -> Change {
    let arn = format!("arn:aws:eks::aws:cluster-access-policy/{name}");
    let to = json!({"policyArn": arn, "accessScope": scope});
    Change { file: ASSOCIATED.to_owned(), at: "/associatedAccessPolicies/-".to_owned(), to }
}

/// RBAC lets it create roles, but no Deployments any more.
fn without_rule() -> Change {
    Change { file: ROLES.to_owned(), at: "/items/0/rules/0".to_owned(), to: Value::Null }
}

fn payments() -> Value {
    json!({"type": "namespace", "namespaces": ["payments"]})
}

#[test]
fn what_rbac_gives_counts_for_both() {
    assert_eq!(verdicts(Vec::new(), &[]), [Verdict::Holds, Verdict::Holds]);
    let both = verdicts(vec![with_policy("AmazonEKSEditPolicy", payments())], &[]);
    assert_eq!(both, [Verdict::Holds, Verdict::Holds]);
}

#[test]
fn what_an_access_policy_gives_counts_for_requests_alone() {
    for policy in ["AmazonEKSEditPolicy", "AmazonEKSAdminPolicy"] {
        let [asked, held] = verdicts(vec![without_rule(), with_policy(policy, payments())], &[]);
        assert_eq!(asked, Verdict::Holds);
        assert!(matches!(&held, Verdict::Violated { witness } if witness.at == At::Escalation), "{held:?}");
    }
}

/// `escalate` and `bind` are asked of all authorizers, and only this policy has them, where it is associated.
#[test]
fn whoever_may_escalate_and_bind_is_not_asked_what_he_holds() {
    let policy = "AmazonEKSClusterAdminPolicy";
    for scope in [payments(), json!({"type": "cluster"})] {
        let both = verdicts(vec![without_rule(), with_policy(policy, scope)], &[]);
        assert_eq!(both, [Verdict::Holds, Verdict::Holds]);
    }
    let elsewhere = json!({"type": "namespace", "namespaces": ["other"]});
    let both = verdicts(vec![without_rule(), with_policy(policy, elsewhere)], &[]);
    assert!(both.iter().all(|verdict| matches!(verdict, Verdict::Violated { .. })), "{both:?}");
}

#[test]
fn what_nothing_gives_ends_at_authorization_for_both() {
    for verdict in verdicts(vec![without_rule()], &[]) {
        assert!(matches!(&verdict, Verdict::Violated { witness } if witness.at == At::Authorization));
    }
}

/// It may free of the check, or not; and RBAC that wasn't read may give it.
#[test]
fn what_was_not_read_leaves_it_unknown() {
    let unread = verdicts(vec![without_rule()], &[ASSOCIATED]);
    assert!(unread.iter().all(|verdict| matches!(verdict, Verdict::Unknown { .. })), "{unread:?}");
    let [asked, held] = verdicts(vec![with_policy("AmazonEKSEditPolicy", payments())], &[ROLES]);
    assert_eq!(asked, Verdict::Holds);
    assert!(matches!(held, Verdict::Unknown { .. }), "{held:?}");
}
