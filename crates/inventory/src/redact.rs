//! Credentials never leave this file: Secrets lose them while they are read.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

const REPLACED: &str = "replaced";

/// Fields of Argo CD's Secrets that hold no credential (Argo CD docs, "Declarative Setup").
const PLAIN: [&str; 9] =
    ["name", "server", "project", "namespaces", "clusterResources", "shard", "url", "type", "enableOCI"];

/// Fields of a cluster Secret's `config` that do (`ClusterConfig` in pkg/apis/application/v1alpha1/types.go).
const CREDENTIALS: [&str; 5] = ["bearerToken", "password", "keyData", "certData", "token"];

/// Replaces what a Secret keeps secret. Only what Argo CD's own Secrets say openly stays.
pub(crate) fn secret(body: &mut Value) {
    let labelled = body.pointer("/metadata/labels/argocd.argoproj.io~1secret-type").and_then(Value::as_str);
    let kind = labelled.unwrap_or_default().to_owned();
    let argocd = matches!(kind.as_str(), "cluster" | "repository" | "repo-creds");
    if let Some(annotations) = body.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        // kubectl apply keeps a copy of the whole Secret here.
        annotations.shift_remove("kubectl.kubernetes.io/last-applied-configuration");
    }
    for field in ["data", "stringData"] {
        let Some(values) = body.get_mut(field).and_then(Value::as_object_mut) else { continue };
        for (key, value) in values {
            let config = kind == "cluster" && key == "config";
            if !(argocd && PLAIN.contains(&key.as_str())) {
                *value = replaced(value, field == "data", config).into();
            }
        }
    }
}

fn replaced(value: &Value, encoded: bool, config: bool) -> String {
    let text = config.then(|| plain_config(value, encoded)).flatten().unwrap_or_else(|| REPLACED.to_owned());
    if encoded { STANDARD.encode(text) } else { text }
}

/// The configuration of a cluster without its credentials; nothing if it can't be read.
fn plain_config(value: &Value, encoded: bool) -> Option<String> {
    let text = value.as_str()?;
    let bytes = if encoded { STANDARD.decode(text.trim()).ok()? } else { text.as_bytes().to_vec() };
    let mut config: Value = serde_json::from_slice(&bytes).ok()?;
    strip(config.as_object_mut()?);
    Some(config.to_string())
}

fn strip(fields: &mut Map<String, Value>) {
    for (key, value) in fields {
        match value {
            // The environment of an exec plugin may hold anything.
            Value::Object(environment) if key == "env" => {
                environment.values_mut().for_each(|value| *value = REPLACED.into());
            }
            Value::Object(inner) => strip(inner),
            Value::String(text) if !text.is_empty() && CREDENTIALS.contains(&key.as_str()) => {
                *value = REPLACED.into();
            }
            _ => {}
        }
    }
}
