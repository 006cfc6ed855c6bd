//! The end of it: `oarlock apply --destroy`, after which nothing of Oarlock's is left, and what others made is.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::scene::{HUB, SPOKE, Scene};
use crate::e2e::{
    argocd,
    kubectl::Kubectl,
    tokens::{aws::Credentials, cluster::Arn},
};

/// Kinds of which Oarlock makes whole objects.
const KINDS: [&str; 6] =
    ["clusterroles", "clusterrolebindings", "roles", "rolebindings", "serviceaccounts", "secrets"];

const MARKED: &str = "app.kubernetes.io/managed-by=oarlock";
const TAG: &str = "app.kubernetes.io/managed-by";

/// Removes everything: how many objects were there.
pub(super) fn run(scene: &Scene<'_>) -> Result<usize> {
    let made = marked(scene)?;
    ensure!(!made.is_empty(), "nothing has Oarlock's marks, so nothing is shown");
    let shown = scene.destroy()?;
    ensure!(shown.status() == Some(0), "{shown:?}");
    let left = marked(scene)?;
    ensure!(left.is_empty(), "still there: {left:?}");
    let again = scene.destroy()?;
    ensure!(again.status() == Some(0) && again.is_idle(), "once more there is something to do: {again:?}");
    stays(scene)?;
    Ok(made.len())
}

/// All that has Oarlock's marks, as AWS and the API servers say it.
fn marked(scene: &Scene<'_>) -> Result<BTreeSet<String>> {
    let mut marked = BTreeSet::new();
    for (arn, kubectl) in [(HUB, scene.hub_kubectl()), (SPOKE, scene.spoke_kubectl())] {
        let cluster = Arn::parse(arn)?;
        for kind in KINDS {
            let objects = kubectl.list(kind, MARKED)?;
            marked.extend(
                objects
                    .iter()
                    .map(|own| format!("{kind} {} of {}", text(own, "/metadata/name"), cluster.name)),
            );
        }
        marked.extend(roles(scene, &cluster)?);
        marked.extend(entries(scene, &cluster)?);
        let pods = call(
            scene,
            &cluster,
            ("eks", "ListPodIdentityAssociations"),
            json!({ "clusterName": cluster.name }),
        )?;
        marked.extend(
            list(&pods, "associations").map(|own| format!("association of {}", text(own, "/serviceAccount"))),
        );
    }
    Ok(marked)
}

fn roles(scene: &Scene<'_>, cluster: &Arn) -> Result<Vec<String>> {
    let mut marked = Vec::new();
    let all = call(scene, cluster, ("iam", "ListRoles"), json!({}))?;
    for name in list(&all, "Roles").map(|role| text(role, "/RoleName")) {
        let role = call(scene, cluster, ("iam", "GetRole"), json!({ "RoleName": name }))?;
        let tags = role.pointer("/Role/Tags").and_then(Value::as_array).into_iter().flatten();
        if tags.into_iter().any(|tag| text(tag, "/Key") == TAG) {
            marked.push(format!("role {name}"));
        }
    }
    Ok(marked)
}

fn entries(scene: &Scene<'_>, cluster: &Arn) -> Result<Vec<String>> {
    let mut marked = Vec::new();
    let all = call(scene, cluster, ("eks", "ListAccessEntries"), json!({ "clusterName": cluster.name }))?;
    for principal in list(&all, "accessEntries").filter_map(Value::as_str) {
        let which = json!({ "clusterName": cluster.name, "principalArn": principal });
        let entry = call(scene, cluster, ("eks", "DescribeAccessEntry"), which)?;
        let tags = entry.pointer("/accessEntry/tags").context("an entry without tags")?;
        if tags.get(TAG).is_some() {
            marked.push(format!("entry of {principal}"));
        }
    }
    Ok(marked)
}

/// What Argo CD has deployed, its own objects and its service accounts are others'.
fn stays(scene: &Scene<'_>) -> Result<()> {
    let hub = scene.hub_kubectl();
    let there = |kubectl: &Kubectl, kind: &str, namespace: &str, name: &str| -> Result<()> {
        let found = kubectl.get(kind, Some(namespace), &[name])?;
        ensure!(!found.is_empty(), "{kind} {namespace}/{name} has gone");
        Ok(())
    };
    there(&hub, "applications.argoproj.io", argocd::NAMESPACE, "payments")?;
    there(&hub, "serviceaccounts", argocd::NAMESPACE, "argocd-application-controller")?;
    there(&scene.spoke_kubectl(), "configmaps", "payments", "settings")
}

fn call(scene: &Scene<'_>, cluster: &Arn, operation: (&str, &str), parameters: Value) -> Result<Value> {
    scene.aws.call(&Credentials::of_root(&cluster.account), &cluster.region, operation, &parameters)
}

fn list<'v>(answer: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    answer.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
