//! Kubernetes objects, put as server-side apply puts them.

use access::cluster_identity::aws_auth;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use facts::Place;
use inventory::Kubernetes;
use serde_json::{Map, Value};

use super::PLAN;
use crate::{
    KubernetesObject, Ownership,
    diff::{STRICT, resource},
    object::{ROLE_ANNOTATION, ROLE_MAPPING},
};

const CONFIG_MAPS: &str = "configmaps";
const SERVICE_ACCOUNTS: &str = "serviceaccounts";

/// An object of which the list wasn't read stays unread.
pub(super) fn apply(kubernetes: &mut Kubernetes, wanted: &KubernetesObject) {
    let resource = resource(&wanted.api_version, &wanted.kind);
    let there = kubernetes.objects.get(&resource).and_then(|objects| {
        objects.iter().find(|object| {
            object.kind == wanted.kind && object.namespace == wanted.namespace && object.name == wanted.name
        })
    });
    let mut body = wanted.body.value();
    stored(&mut body);
    if let Some(there) = there {
        let mut merged = there.body.value();
        if wanted.ownership == Ownership::Whole {
            remove_strict(&mut merged);
        }
        merge(&mut merged, body);
        body = merged;
    }
    let object = inventory::KubernetesObject {
        api_version: wanted.api_version.clone(),
        kind: wanted.kind.clone(),
        namespace: wanted.namespace.clone(),
        name: wanted.name.clone(),
        body: body.into(),
        place: Place::file(PLAN),
    };
    // What the plan makes has its kind's shape.
    let _ = kubernetes.put(&resource, object);
}

/// By kind and name, as an [`ObjectId`](crate::ObjectId) has them.
pub(super) fn remove(kubernetes: &mut Kubernetes, kind: &str, name: &str) {
    if kind == ROLE_MAPPING {
        return remove_mapping(kubernetes, name);
    }
    let (namespace, name) =
        name.split_once('/').map_or((None, name), |(namespace, name)| (Some(namespace), name));
    if kind == ROLE_ANNOTATION {
        remove_annotation(kubernetes, namespace, name);
    } else {
        kubernetes.remove(kind, namespace, name);
    }
}

/// The service account stays.
fn remove_annotation(kubernetes: &mut Kubernetes, namespace: Option<&str>, name: &str) {
    let Some(account) = kubernetes.find(SERVICE_ACCOUNTS, namespace, name) else { return };
    let mut account = account.clone();
    if let Some(Value::Object(annotations)) = account.body.edit().pointer_mut("/metadata/annotations") {
        annotations.remove(access::ROLE_ANNOTATION);
    }
    // It had its kind's shape before.
    let _ = kubernetes.put(SERVICE_ACCOUNTS, account);
}

/// The ConfigMap stays, and whatever can't be taken out of it.
fn remove_mapping(kubernetes: &mut Kubernetes, arn: &str) {
    let Some(map) = kubernetes.find(CONFIG_MAPS, Some("kube-system"), "aws-auth") else { return };
    let mut map = map.clone();
    if let Some(text) = map.body.edit().pointer_mut("/data/mapRoles")
        && let Some(left) = text.as_str().and_then(|text| aws_auth::without(text, arn))
    {
        *text = left.into();
    }
    // It had its kind's shape before.
    let _ = kubernetes.put(CONFIG_MAPS, map);
}

/// As the API server keeps a Secret (pkg/apis/core/v1/conversion.go): what `stringData` has is in `data`.
fn stored(body: &mut Value) {
    let Some(fields) =
        body.as_object_mut().filter(|body| body.get("kind").is_some_and(|kind| kind == "Secret"))
    else {
        return;
    };
    let Some(Value::Object(texts)) = fields.remove("stringData") else { return };
    let data = fields.entry("data").or_insert_with(|| Value::Object(Map::new()));
    let Some(data) = data.as_object_mut() else { return };
    for (key, text) in texts {
        data.insert(key, Value::String(STANDARD.encode(text.as_str().unwrap_or_default())));
    }
}

/// What of an object is the plan's as a whole.
fn remove_strict(body: &mut Value) {
    let Some(fields) = body.as_object_mut() else { return };
    STRICT.iter().for_each(|field| _ = fields.remove(*field));
}

/// Maps field by field; a list is one value.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}
