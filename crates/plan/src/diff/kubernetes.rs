//! Kubernetes objects, each as the part of it that people write.

use facts::{ClusterArn, Gap};
use inventory::Inventory;
use serde_json::{Map, Value};

use super::{Current, is_marked};
use crate::KubernetesObject;

/// Fields of a binding and of a Secret that can't be changed (pkg/apis/rbac/validation, pkg/apis/core/validation).
const IMMUTABLE: [&str; 2] = ["roleRef", "type"];

pub(super) fn object(
    wanted: &KubernetesObject,
    cluster: &ClusterArn,
    inventory: &Inventory,
    fleet: &str,
) -> Current {
    let Some(there) = inventory.clusters.get(cluster) else {
        return Current::Unknown(
            Gap::new(format!("the cluster `{cluster}`"), "it isn't in the inventory")
                .filled_by("docs/inventory.md"),
        );
    };
    let resource = resource(&wanted.kind);
    match there.kubernetes.list(&resource) {
        Err(gap) => Current::Unknown(gap),
        Ok(objects) => {
            let is_it = |object: &&inventory::KubernetesObject| {
                object.kind == wanted.kind
                    && object.namespace == wanted.namespace
                    && object.name == wanted.name
            };
            objects.iter().find(is_it).map_or(Current::Absent, |object| Current::Present {
                value: comparable(&object.body),
                owned: is_marked(|key| object.body.pointer("/metadata/labels")?.get(key)?.as_str(), fleet),
                immutable: &IMMUTABLE,
            })
        }
    }
}

/// What of an object is compared: all but status and what the API server keeps in `metadata`.
pub(super) fn comparable(body: &Value) -> Value {
    let Some(fields) = body.as_object() else { return body.clone() };
    let mut comparable = Map::new();
    for (key, value) in fields {
        match key.as_str() {
            "apiVersion" | "kind" | "status" | "stringData" => {}
            "metadata" => {
                let kept = ["labels", "annotations"].into_iter();
                let kept: Map<_, _> =
                    kept.filter_map(|field| Some((field.to_owned(), value.get(field)?.clone()))).collect();
                comparable.insert(key.clone(), Value::Object(kept));
            }
            "rules" => _ = comparable.insert(key.clone(), rules(value)),
            "subjects" => _ = comparable.insert(key.clone(), subjects(value)),
            _ => _ = comparable.insert(key.clone(), value.clone()),
        }
    }
    Value::Object(comparable)
}

/// Rules as a set, and each field of a rule as a set: their order means nothing.
fn rules(rules: &Value) -> Value {
    let sorted = |mut rule: Value| {
        if let Some(fields) = rule.as_object_mut() {
            for list in fields.values_mut().filter_map(Value::as_array_mut) {
                list.sort_by_key(ToString::to_string);
            }
            fields.sort_keys();
        }
        rule
    };
    unordered(rules.as_array().into_iter().flatten().cloned().map(sorted))
}

/// Subjects as a set. The API server fills in `apiGroup` for users and groups.
fn subjects(subjects: &Value) -> Value {
    let complete = |mut subject: Value| {
        if let Some(fields) = subject.as_object_mut() {
            if fields.get("apiGroup").is_some_and(|group| group == "") {
                fields.remove("apiGroup");
            }
            fields.sort_keys();
        }
        subject
    };
    unordered(subjects.as_array().into_iter().flatten().cloned().map(complete))
}

fn unordered(items: impl Iterator<Item = Value>) -> Value {
    let mut items: Vec<_> = items.collect();
    items.sort_by_key(ToString::to_string);
    Value::Array(items)
}

/// The plural as kubectl and the inventory name it.
fn resource(kind: &str) -> String {
    let lower = kind.to_lowercase();
    match inventory::Discovery::builtin().iter().find(|resource| resource.kind == kind) {
        Some(resource) => resource.plural.clone(),
        None => format!("{lower}s"),
    }
}
