//! Kubernetes objects, each as the part of it that people write.

use facts::{ClusterArn, Gap};
use inventory::Inventory;
use serde_json::{Map, Value};

use super::{Current, is_marked, secret};
use crate::{KubernetesObject, Ownership};

/// Fields of a binding and of a Secret that can't be changed (pkg/apis/rbac/validation, pkg/apis/core/validation).
const IMMUTABLE: [&str; 2] = ["roleRef", "type"];

/// Fields of whole objects in which what nobody wants is a difference, too: it would go on granting something.
pub(crate) const STRICT: [&str; 5] = ["aggregationRule", "data", "roleRef", "rules", "subjects"];

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
    let resource = resource(&wanted.api_version, &wanted.kind);
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
                strict: if wanted.ownership == Ownership::Whole { &STRICT } else { &[] },
            })
        }
    }
}

/// What of an object is compared: all but status and what the API server keeps in `metadata`.
pub(super) fn comparable(body: &Value) -> Value {
    let Some(fields) = body.as_object() else { return body.clone() };
    let is_secret = body.get("kind").is_some_and(|kind| kind == "Secret");
    let mut comparable = Map::new();
    for (key, value) in fields {
        match key.as_str() {
            "apiVersion" | "kind" | "status" => {}
            "data" | "stringData" if is_secret => {
                comparable.insert("data".to_owned(), secret::content(body));
            }
            "metadata" => {
                let kept = ["labels", "annotations"].into_iter();
                let kept: Map<_, _> =
                    kept.filter_map(|field| Some((field.to_owned(), value.get(field)?.clone()))).collect();
                comparable.insert(key.clone(), Value::Object(kept));
            }
            "spec" => _ = comparable.insert(key.clone(), spec(value)),
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

/// Of an AppProject: an entry in these lists allows or denies wherever it stands.
fn spec(spec: &Value) -> Value {
    let mut spec = spec.clone();
    for field in ["destinations", "sourceRepos"] {
        if let Some(list) = spec.get_mut(field).and_then(Value::as_array_mut) {
            list.iter_mut().filter_map(Value::as_object_mut).for_each(Map::sort_keys);
            list.sort_by_key(ToString::to_string);
        }
    }
    spec
}

/// The plural of a kind, as kubectl and the inventory name it.
pub fn resource(api_version: &str, kind: &str) -> String {
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    match inventory::Discovery::builtin().resource(group, kind) {
        Some(resource) => resource.plural.clone(),
        // Argo CD's own kinds (manifests/crds): applications, applicationsets, appprojects.
        None => format!("{}s", kind.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_are_those_of_the_api_server() {
        let plural = |api_version, kind| resource(api_version, kind);
        assert_eq!(plural("rbac.authorization.k8s.io/v1", "ClusterRole"), "clusterroles");
        assert_eq!(plural("networking.k8s.io/v1", "Ingress"), "ingresses");
        assert_eq!(plural("v1", "Secret"), "secrets");
        assert_eq!(plural("argoproj.io/v1alpha1", "AppProject"), "appprojects");
    }
}
