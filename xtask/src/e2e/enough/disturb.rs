//! What somebody does by hand to the objects of an Application, so that Argo CD has to mend each of them.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

use crate::e2e::{
    argocd::{Resource, State},
    kubectl::Kubectl,
};

const RBAC: &str = "rbac.authorization.k8s.io";

/// The one annotation that stays: by it kubectl knows what was applied before.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What somebody leaves on every object. Only who owns a field is named in `managedFields`, and Argo CD moves nothing for who isn't
/// (gitops-engine, pkg/sync/sync_context.go, needsClientSideApplyMigration).
const TOUCHED: &str = "e2e.oarlock.dev/touched";

/// Takes labels and annotations off every object, Argo CD's mark among them; the rules of roles; and the subjects of bindings.
/// It passes for a client-side apply, whose fields Argo CD moves before it applies by the server, or replaces.
pub(super) fn disturb(cluster: &Kubectl, state: &State) -> Result<()> {
    let mut objects = live(cluster, &state.resources)?;
    objects.iter_mut().for_each(spoil);
    cluster.replace(&objects)
}

/// Puts others in the place of bindings, with another role, which can't be changed.
pub(super) fn rebind(cluster: &Kubectl, state: &State) -> Result<()> {
    let mut bindings = live(cluster, state.resources.iter().filter(|resource| is_binding(resource)))?;
    for binding in &mut bindings {
        if let Some(role) = binding.pointer_mut("/roleRef/name") {
            *role = json!("of-somebody-else");
        }
        if let Some(metadata) = binding.pointer_mut("/metadata").and_then(Value::as_object_mut) {
            metadata.retain(|field, _| ["name", "namespace"].contains(&field.as_str()));
        }
    }
    cluster.remake(&bindings)
}

/// Whether it gives a role to somebody.
pub(super) fn is_binding(resource: &Resource) -> bool {
    resource.group == RBAC && resource.kind.ends_with("Binding")
}

/// Aggregated roles get their rules back from the cluster itself.
fn spoil(object: &mut Value) {
    let is_rbac = object
        .get("apiVersion")
        .and_then(Value::as_str)
        .is_some_and(|version| version.split('/').next() == Some(RBAC));
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        // With the version it would be refused if anybody wrote in between.
        metadata.remove("resourceVersion");
        metadata.remove("labels");
        let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
        if let Some(annotations) = annotations.as_object_mut() {
            annotations.retain(|key, _| key == LAST_APPLIED);
            annotations.insert(TOUCHED.to_owned(), json!("by hand"));
        }
    }
    if let (true, Some(object)) = (is_rbac, object.as_object_mut()) {
        object.remove("subjects");
        object.entry("rules").and_modify(|rules| *rules = json!([]));
    }
}

/// The objects as they are, those that are there.
fn live<'r>(cluster: &Kubectl, resources: impl IntoIterator<Item = &'r Resource>) -> Result<Vec<Value>> {
    let mut by_kind: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for Resource { group, version, kind, namespace, name, .. } in resources {
        // As kubectl takes it beyond doubt, with a dot at the end where the group is empty.
        let kind = format!("{kind}.{version}.{group}");
        let namespace = (!namespace.is_empty()).then_some(namespace.as_str());
        by_kind.entry((kind, namespace)).or_default().push(name);
    }
    let mut objects = Vec::new();
    for ((kind, namespace), names) in by_kind {
        objects.extend(cluster.get(&kind, namespace, &names)?);
    }
    Ok(objects)
}
