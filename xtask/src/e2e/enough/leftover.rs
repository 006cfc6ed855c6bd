//! Hooks of an earlier sync that are still there, as after one that failed.

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::{case::Deployed, definitions::objects};
use crate::e2e::kubectl::Kubectl;

const HOOKS: [&str; 2] = ["argocd.argoproj.io/hook", "helm.sh/hook"];

/// Whose they are, for Argo CD.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// The Application's.
    Own,
    /// Nobody's.
    None,
}

/// Makes the hooks of an Application that have names, as if a sync had left them over; the names of their objects.
pub(super) fn leave(cluster: &Kubectl, app: &Deployed, mark: Mark) -> Result<Vec<String>> {
    let mut hooks = hooks(app)?;
    hooks.iter_mut().for_each(|hook| annotate(hook, app, mark));
    let (elsewhere, here): (Vec<Value>, Vec<Value>) =
        hooks.into_iter().partition(|hook| hook.pointer("/metadata/namespace").is_some());
    cluster.apply("somebody", &elsewhere)?;
    cluster.apply_in(destination(app), "somebody", &here)?;
    Ok(elsewhere.iter().chain(&here).filter_map(name).map(str::to_owned).collect())
}

/// The hooks of syncs. One without a name gets another each time.
fn hooks(app: &Deployed) -> Result<Vec<Value>> {
    let mut objects = objects(&app.manifests)?;
    objects.retain(|object| is_hook(object) && name(object).is_some());
    Ok(objects)
}

fn is_hook(object: &Value) -> bool {
    let annotation = |key: &str| object.get("metadata")?.get("annotations")?.get(key)?.as_str();
    HOOKS.iter().filter_map(|key| annotation(key)).any(|kinds| kinds != "Skip" && !kinds.starts_with("test"))
}

/// `app:group/kind:namespace/name` (util/argo/resource_tracking.go).
fn annotate(hook: &mut Value, app: &Deployed, mark: Mark) {
    let text = |pointer: &str| hook.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (group, _) = text("/apiVersion").split_once('/').unwrap_or_default();
    let own = hook.pointer("/metadata/namespace").and_then(Value::as_str);
    let namespace = own.or_else(|| destination(app)).unwrap_or_default();
    let tracking = format!("{}:{group}/{}:{namespace}/{}", app.name, text("/kind"), text("/metadata/name"));
    let annotations = hook.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
    if let (Mark::Own, Some(annotations)) = (mark, annotations) {
        annotations.insert("argocd.argoproj.io/tracking-id".to_owned(), json!(tracking));
    } else if let Some(metadata) = hook.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("annotations".to_owned(), Value::Object(Map::new()));
    }
}

/// The namespace of objects that name none.
fn destination(app: &Deployed) -> Option<&str> {
    app.object.pointer("/spec/destination/namespace").and_then(Value::as_str)
}

fn name(object: &Value) -> Option<&str> {
    object.pointer("/metadata/name").and_then(Value::as_str)
}
