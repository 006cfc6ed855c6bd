//! What somebody does by hand to the objects of an Application, so that Argo CD has to mend each of them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::case::Deployed;
use crate::e2e::{
    argocd::{Resource, State},
    kubectl::Kubectl,
};

const RBAC: &str = "rbac.authorization.k8s.io";

/// Takes the tracking annotation off every object; and of RBAC objects also what `kubectl auth reconcile` mends: the rules of
/// roles by an update, the role of a binding, which can't be changed, by deleting it and making it again. Other ways to sync
/// fail on such a binding.
pub(super) fn disturb(cluster: &Kubectl, app: &Deployed, state: &State) -> Result<()> {
    let reconciles = !app.syncs_with("ServerSideApply=true") && !app.syncs_with("Replace=true");
    for resource in &state.resources {
        match (resource.group == RBAC, resource.kind.ends_with("Binding")) {
            (true, true) if reconciles => rebind(cluster, resource)?,
            (true, false) => cluster.replace(&[without_rules(cluster, resource)?])?,
            _ => {}
        }
    }
    for ((kind, namespace), names) in by_kind(state) {
        let mut arguments = vec!["annotate", &kind];
        arguments.extend(names);
        arguments.push("argocd.argoproj.io/tracking-id-");
        arguments.extend(in_namespace(namespace));
        cluster.run(&arguments)?;
    }
    Ok(())
}

/// Names by kind and namespace.
fn by_kind(state: &State) -> BTreeMap<(String, &str), Vec<&str>> {
    let mut by_kind: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for resource in &state.resources {
        by_kind.entry((kind(resource), resource.namespace.as_str())).or_default().push(&resource.name);
    }
    by_kind
}

fn rebind(cluster: &Kubectl, binding: &Resource) -> Result<()> {
    let mut object = get(cluster, binding)?;
    if let Some(role) = object.pointer_mut("/roleRef/name") {
        *role = json!("of-somebody-else");
    }
    if let Some(metadata) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        metadata.retain(|field, _| ["name", "namespace", "labels", "annotations"].contains(&field.as_str()));
    }
    cluster
        .run(&[&["delete", &kind(binding), &binding.name], &in_namespace(&binding.namespace)[..]].concat())?;
    cluster.apply("somebody", &[object])
}

/// Aggregated roles get their rules back from the cluster itself.
fn without_rules(cluster: &Kubectl, role: &Resource) -> Result<Value> {
    let mut object = get(cluster, role)?;
    object.as_object_mut().context("a role that is no object")?.insert("rules".to_owned(), json!([]));
    Ok(object)
}

fn get(cluster: &Kubectl, resource: &Resource) -> Result<Value> {
    let arguments = ["get", &kind(resource), &resource.name, "-o", "json"];
    Ok(serde_json::from_str(&cluster.run(&[&arguments, &in_namespace(&resource.namespace)[..]].concat())?)?)
}

/// As kubectl takes it beyond doubt, with a dot at the end where the group is empty.
fn kind(resource: &Resource) -> String {
    format!("{}.{}.{}", resource.kind, resource.version, resource.group)
}

fn in_namespace(namespace: &str) -> Vec<&str> {
    if namespace.is_empty() { Vec::new() } else { vec!["--namespace", namespace] }
}
