//! Who comes in with which token, as whom, and who doesn't.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{
    pods::ServiceAccount,
    presigned,
    scene::{GROUPS, HUB_ROLE, SPOKE, Scene, controller},
};

/// The authenticator knows the role, and no access entry for it (pkg/errutil).
pub(super) const NOT_MAPPED: &str = "identity is not mapped";

/// A case has a name and shows something on the scene.
pub(super) type Case = (&'static str, fn(&Scene<'_>) -> Result<()>);

pub(super) const CASES: &[Case] = &[
    ("an access entry gives its groups and the session's user name", groups_and_user_name),
    ("RBAC decides by the groups", rbac_decides),
    ("a token for another cluster", token_for_another_cluster),
    ("a role without access entry", role_without_entry),
    ("an expired token", expired),
    ("a changed signature", changed_signature),
    ("somebody else's session token", changed_session),
    ("a role made again has the old one's ARN, and not its access", role_made_again),
    ("an access entry that changes, and goes", entry_changes),
    ("a role that trusts somebody else", trusts_somebody_else),
    ("a role that the hub's policy doesn't name", not_in_the_policy),
    ("pods of another service account", other_pods),
];

fn groups_and_user_name(scene: &Scene<'_>) -> Result<()> {
    let (_, user) = scene.known(&scene.regular)?;
    ensure!(user.own_groups() == GROUPS, "{user:?}");
    // The default of access entries for roles: EKS User Guide, "Create access entries".
    let expected = format!("arn:aws:sts::{SPOKE}:assumed-role/argocd-regular/{}", user.session());
    ensure!(!user.session().is_empty() && user.username == expected, "{user:?}");
    Ok(())
}

fn rbac_decides(scene: &Scene<'_>) -> Result<()> {
    let (token, _) = scene.known(&scene.regular)?;
    ensure!(!scene.cluster.may(&token, &["list", "configmaps"])?, "nothing is bound to the group yet");
    scene.cluster.admin(&[
        "create",
        "clusterrolebinding",
        "readers",
        "--clusterrole=view",
        "--group=readers",
    ])?;
    scene.cluster.may_soon(&token, &["list", "configmaps"])?;
    scene.cluster.allows(&token, &["get", "configmaps", "--all-namespaces"])?;
    scene.cluster.forbids(&token, &["create", "configmap", "mine"], "is forbidden")
}

fn token_for_another_cluster(scene: &Scene<'_>) -> Result<()> {
    // The cluster's name is a header that is signed: STS finds the signature wrong.
    scene.cluster.refuses(&scene.token_for("elsewhere", Some(&scene.regular))?, "SignatureDoesNotMatch")
}

fn role_without_entry(scene: &Scene<'_>) -> Result<()> {
    let role = scene.role("argocd-unknown")?;
    scene.cluster.refuses(&scene.token(Some(&role))?, NOT_MAPPED)?;
    scene.cluster.refuses(&scene.token(None)?, NOT_MAPPED)
}

fn expired(scene: &Scene<'_>) -> Result<()> {
    let (token, _) = scene.known(&scene.regular)?;
    // The authenticator looks at the time before it asks STS: a year's first day is always long ago, or yet to come.
    let expired = presigned::with(&token, "X-Amz-Date", |date| {
        let year = date.get(..4).and_then(|year| year.parse::<u32>().ok()).unwrap_or_default();
        format!("{}0101T000000Z", year.saturating_sub(1))
    })?;
    scene.cluster.refuses(&expired, "X-Amz-Date parameter is expired")
}

fn changed_signature(scene: &Scene<'_>) -> Result<()> {
    let (token, _) = scene.known(&scene.regular)?;
    let changed = presigned::with(&token, "X-Amz-Signature", |signature| {
        signature.chars().map(|digit| if digit == '0' { '1' } else { '0' }).collect()
    })?;
    scene.cluster.refuses(&changed, "SignatureDoesNotMatch")
}

fn changed_session(scene: &Scene<'_>) -> Result<()> {
    let (token, _) = scene.known(&scene.regular)?;
    let changed = presigned::with(&token, "X-Amz-Security-Token", |token| token.chars().rev().collect())?;
    scene.cluster.refuses(&changed, "error from AWS (expected 200, got 403)")
}

fn role_made_again(scene: &Scene<'_>) -> Result<()> {
    let role = scene.role_with_entry("argocd-again", &["readers"])?;
    scene.known(&role)?;
    scene.delete_role("argocd-again")?;
    ensure!(scene.role("argocd-again")? == role, "the ARN is the same");
    scene.cluster.refuses(&scene.token(Some(&role))?, NOT_MAPPED)?;
    scene.entry("DeleteAccessEntry", &role, [])?;
    scene.entry("CreateAccessEntry", &role, [("kubernetesGroups", json!(["readers"]))])?;
    scene.known(&role).map(drop)
}

fn entry_changes(scene: &Scene<'_>) -> Result<()> {
    let role = scene.role_with_entry("argocd-changes", &["readers"])?;
    let (token, _) = scene.known(&role)?;
    scene.entry("UpdateAccessEntry", &role, [("kubernetesGroups", json!(["writers"]))])?;
    scene.cluster.user_soon(&token, |user| user.own_groups() == ["writers"])?;
    scene.entry("DeleteAccessEntry", &role, [])?;
    scene.cluster.nobody_soon(&token)?;
    scene.cluster.refuses(&token, NOT_MAPPED)
}

fn trusts_somebody_else(scene: &Scene<'_>) -> Result<()> {
    let role = scene.role_that_trusts("argocd-foreign", &format!("arn:aws:iam::{SPOKE}:root"))?;
    scene.cannot_assume(&role)
}

fn not_in_the_policy(scene: &Scene<'_>) -> Result<()> {
    // The hub's policy names roles called argocd-…; in another account it takes both sides.
    let role = scene.role("deployer")?;
    scene.cannot_assume(&role)
}

fn other_pods(scene: &Scene<'_>) -> Result<()> {
    let pod = controller();
    scene.pods.refuses(HUB_ROLE, &ServiceAccount { name: "argocd-repo-server", ..pod.clone() })?;
    scene.pods.refuses(HUB_ROLE, &ServiceAccount { namespace: "default", ..pod.clone() })?;
    scene.pods.credentials(HUB_ROLE, &pod).map(drop)
}
