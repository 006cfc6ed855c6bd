//! Drift, injected by hand: `oarlock drift` finds each, `oarlock verify --live` says that claims are violated, and all are repaired.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{
    DRIFTED, FINE, PENDING, VIOLATED, same,
    scene::{Scene, State},
    watch::Watch,
    world::{HUB, ROLE, SPOKE},
};

/// What somebody does with kubectl: where, what is found then, and how.
const BY_KUBECTL: [(&str, &str, &[&str]); 8] = [
    (
        HUB,
        "ClusterRole oarlock-shop-argocd",
        &["patch", "clusterrole", "oarlock-shop-argocd", "--type", "json", "-p", ADD_RULE],
    ),
    (
        HUB,
        "RoleBinding catalog/oarlock-shop-argocd",
        &["delete", "rolebinding", "oarlock-shop-argocd", "-n", "catalog"],
    ),
    (
        HUB,
        "Role search/oarlock-shop-argocd",
        &["patch", "role", "oarlock-shop-argocd", "-n", "search", "--type", "json", "-p", NO_RULE],
    ),
    (
        HUB,
        "AppProject argocd/orders",
        &["patch", "appproject.argoproj.io", "orders", "-n", "argocd", "--type", "merge", "-p", ANYWHERE],
    ),
    (
        HUB,
        "Secret argocd/cluster-orders",
        &["label", "secret", "cluster-orders", "-n", "argocd", "oarlock.dev/fleet-"],
    ),
    (
        SPOKE,
        "ClusterRoleBinding oarlock-shop-argocd",
        &["patch", "clusterrolebinding", "oarlock-shop-argocd", "--type", "json", "-p", ADD_SUBJECT],
    ),
    (SPOKE, "Role orders/oarlock-shop-argocd", &["delete", "role", "oarlock-shop-argocd", "-n", "orders"]),
    (
        SPOKE,
        "RoleBinding orders/oarlock-shop-argocd",
        &["label", "rolebinding", "oarlock-shop-argocd", "-n", "orders", "oarlock.dev/fleet-"],
    ),
];

const ADD_RULE: &str =
    r#"[{"op":"add","path":"/rules/-","value":{"apiGroups":["*"],"resources":["*"],"verbs":["delete"]}}]"#;
const NO_RULE: &str = r#"[{"op":"remove","path":"/rules/0"}]"#;
const ANYWHERE: &str = r#"{"spec":{"destinations":[{"server":"*","namespace":"*"}]}}"#;
const ADD_SUBJECT: &str = r#"[{"op":"add","path":"/subjects/-","value":{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":"everybody"}}]"#;
const ADD_PRINCIPAL: &str = r#"{"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Principal":{"Service":"capabilities.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},
  {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"sts:AssumeRole"}]}"#;

/// Injects all and repairs them in one run; how many.
pub(super) fn repaired(scene: &Scene<'_>, watch: &Watch, end: &State) -> Result<usize> {
    clean(scene)?;
    scene.world.role("UpdateAssumeRolePolicy", [("PolicyDocument", json!(ADD_PRINCIPAL))])?;
    scene.world.entry("UpdateAccessEntry", SPOKE, [("kubernetesGroups", json!([]))])?;
    let mut expected = vec!["iam role ArgoCDCapabilityRole".to_owned(), format!("access entry {ROLE}")];
    for (arn, found, arguments) in BY_KUBECTL {
        scene.world.kubectl(arn)?.run(arguments)?;
        expected.push(found.to_owned());
    }
    for applied in [false, true] {
        let (status, found) = scene.drifted(applied)?;
        for drift in &expected {
            ensure!(found.contains(drift), "`{drift}` isn't found (applied: {applied}): {found:?}");
        }
        ensure!(status == DRIFTED, "something has drifted, and the exit status is {status}");
    }
    let (status, told) = scene.verified()?;
    ensure!(status == VIOLATED, "RBAC is gone, and verifying ends with {status}: {told}");
    let repaired = scene.apply(&["--force-conflicts", "--wait", "2"])?;
    // Argo CD can't be seen to get through before it does.
    let repaired = if repaired.status == FINE {
        repaired
    } else {
        watch.during(&scene.world, || scene.apply(&["--force-conflicts"]))?
    };
    ensure!(repaired.status == FINE, "{repaired}");
    same(end, &scene.state()?, "after drift")?;
    clean(scene)?;
    Ok(expected.len())
}

/// Nothing has drifted, and no claim is violated: nobody can become the capability's role to ask as it does, so some aren't known live.
fn clean(scene: &Scene<'_>) -> Result<()> {
    for applied in [false, true] {
        let (status, found) = scene.drifted(applied)?;
        ensure!(status == FINE && found.is_empty(), "nobody has changed anything ({status}): {found:?}");
    }
    let (status, told) = scene.verified()?;
    ensure!(
        status == FINE || status == PENDING,
        "all is as it should be, and verifying ends with {status}: {told}"
    );
    Ok(())
}
