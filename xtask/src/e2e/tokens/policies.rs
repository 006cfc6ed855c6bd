//! Access policies: what they allow, where, and what they don't count for.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::{cases::Case, scene::Scene};

pub(super) const CASES: &[Case] = &[
    ("AmazonEKSViewPolicy allows reading, and no Secrets", view),
    ("an access scope of namespaces, by wildcard", namespaces),
    ("AmazonEKSAdminPolicy doesn't count where RBAC is written", admin),
    ("an access policy isn't listed, nor inherited by impersonation", unseen),
];

fn view(scene: &Scene<'_>) -> Result<()> {
    let token = with_policy(scene, "argocd-view", "AmazonEKSViewPolicy", &cluster())?;
    scene.cluster.may_soon(&token, &["list", "pods", "--all-namespaces"])?;
    scene.cluster.allows(&token, &["get", "pods", "--all-namespaces"])?;
    scene.cluster.forbids(&token, &["get", "secrets"], "is forbidden")?;
    scene.cluster.forbids(&token, &["create", "configmap", "mine"], "is forbidden")
}

fn namespaces(scene: &Scene<'_>) -> Result<()> {
    for namespace in ["team-a", "other"] {
        scene.cluster.admin(&["create", "namespace", namespace])?;
    }
    let scope = json!({ "type": "namespace", "namespaces": ["team-*"] });
    let token = with_policy(scene, "argocd-team", "AmazonEKSEditPolicy", &scope)?;
    scene.cluster.may_soon(&token, &["list", "pods", "--namespace", "team-a"])?;
    scene.cluster.allows(&token, &["create", "configmap", "mine", "--namespace", "team-a"])?;
    scene.cluster.forbids(
        &token,
        &["create", "configmap", "mine", "--namespace", "other"],
        "is forbidden",
    )?;
    scene.cluster.forbids(&token, &["get", "pods", "--all-namespaces"], "is forbidden")
}

/// RBAC's escalation check knows RBAC's rules alone (Kubernetes, pkg/registry/rbac/validation/rule.go, ConfirmNoEscalation):
/// what the authorizer allows doesn't have to be held.
fn admin(scene: &Scene<'_>) -> Result<()> {
    let token = with_policy(scene, "argocd-admin", "AmazonEKSAdminPolicy", &cluster())?;
    scene.cluster.may_soon(&token, &["create", "roles.rbac.authorization.k8s.io"])?;
    scene.cluster.allows(&token, &["get", "pods"])?;
    let role = ["create", "role", "readers", "--verb=get", "--resource=pods"];
    let escalation = "is attempting to grant RBAC permissions not currently held";
    scene.cluster.forbids(&token, &role, escalation)?;
    let binding = ["create", "rolebinding", "viewers", "--clusterrole=view", "--group=viewers"];
    scene.cluster.forbids(&token, &binding, escalation)?;
    // AmazonEKSClusterAdminPolicy has `escalate` and `bind` among its wildcards, and those are the authorizer's to allow.
    let token = with_policy(scene, "argocd-cluster-admin", "AmazonEKSClusterAdminPolicy", &cluster())?;
    scene.cluster.may_soon(&token, &["create", "roles.rbac.authorization.k8s.io"])?;
    scene.cluster.allows(&token, &role).map(drop)
}

fn unseen(scene: &Scene<'_>) -> Result<()> {
    let token = with_policy(scene, "argocd-unseen", "AmazonEKSViewPolicy", &cluster())?;
    scene.cluster.may_soon(&token, &["list", "pods"])?;
    let list = scene.cluster.allows(&token, &["auth", "can-i", "--list"])?;
    ensure!(list.contains("selfsubjectreviews"), "what everybody may is listed:\n{list}");
    ensure!(!list.contains("pods"), "the access policy's rights are listed:\n{list}");
    let user = scene.cluster.user_soon(&token, |_| true)?.username;
    let asked =
        scene.cluster.admin_asks(&["list", "pods", "--as", &user, "--as-group", "readers-of-pods"])?;
    ensure!(!asked, "an access policy holds for who is impersonated");
    Ok(())
}

/// A token of a role whose access entry has no groups and one access policy.
fn with_policy(scene: &Scene<'_>, name: &str, policy: &str, scope: &Value) -> Result<String> {
    let role = scene.role_with_entry(name, &[])?;
    let arn = format!("arn:aws:eks::aws:cluster-access-policy/{policy}");
    scene.entry(
        "AssociateAccessPolicy",
        &role,
        [("policyArn", json!(arn)), ("accessScope", scope.clone())],
    )?;
    Ok(scene.known(&role)?.0)
}

fn cluster() -> Value {
    json!({ "type": "cluster" })
}
