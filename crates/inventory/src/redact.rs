//! Secrets without what is secret in them: credentials never get further than here.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};

/// What stands where a credential was.
pub(crate) const REDACTED: &str = "<redacted>";

/// Keys of a cluster Secret that are no credentials (util/db/cluster.go, SecretToCluster); `config` is looked into.
const CLUSTER_KEYS: [&str; 6] = ["name", "server", "namespaces", "clusterResources", "project", "shard"];

/// Keys of a repository Secret that are none (util/db/repository_secrets.go).
const REPOSITORY_KEYS: [&str; 8] =
    ["name", "url", "type", "project", "enableOCI", "insecure", "secretArn", "forceHttpBasicAuth"];

/// Fields of a cluster's `config` that are credentials, at any depth (types.go, ClusterConfig).
const CONFIG_CREDENTIALS: [&str; 6] = ["username", "password", "bearerToken", "keyData", "certData", "env"];

/// Moves a Secret's `data` to decoded `stringData`, keeping of it only what is no credential.
pub(crate) fn secret(body: &mut Value) {
    let kind = body
        .pointer("/metadata/labels/argocd.argoproj.io~1secret-type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let Some(fields) = body.as_object_mut() else { return };
    let mut kept = Map::new();
    for (key, value) in fields.remove("data").and_then(into_object).into_iter().flatten() {
        kept.insert(key.clone(), value.as_str().map_or_else(redacted, |text| field(&kind, &key, &decode(text))));
    }
    for (key, value) in fields.remove("stringData").and_then(into_object).into_iter().flatten() {
        kept.insert(key.clone(), value.as_str().map_or_else(redacted, |text| field(&kind, &key, text)));
    }
    fields.insert("stringData".to_owned(), Value::Object(kept));
    // It repeats the whole Secret as somebody once applied it.
    if let Some(annotations) = body.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    }
}

fn into_object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

fn field(kind: &str, key: &str, text: &str) -> Value {
    match kind {
        "cluster" if key == "config" => Value::String(config(text)),
        "cluster" if CLUSTER_KEYS.contains(&key) => Value::String(text.to_owned()),
        "repository" | "repo-creds" if REPOSITORY_KEYS.contains(&key) => Value::String(text.to_owned()),
        _ => redacted(),
    }
}

/// A cluster's `config` that isn't JSON may hold anything: nothing of it is kept.
fn config(text: &str) -> String {
    let Ok(mut config) = serde_json::from_str::<Value>(text) else { return REDACTED.to_owned() };
    hide(&mut config);
    config.to_string()
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let is_empty = matches!(value, Value::Null) || value.as_str() == Some("");
                if CONFIG_CREDENTIALS.contains(&key.as_str()) && !is_empty {
                    *value = redacted();
                } else {
                    hide(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}

fn decode(text: &str) -> String {
    let bytes = BASE64_STANDARD.decode(text.trim()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn redacted() -> Value {
    Value::String(REDACTED.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cluster(config: &str) -> Value {
        let data = json!({
            "server": BASE64_STANDARD.encode("https://x"),
            "config": BASE64_STANDARD.encode(config),
            "surprise": BASE64_STANDARD.encode("hunter2"),
        });
        let labels = json!({"argocd.argoproj.io/secret-type": "cluster"});
        let annotations = json!({"kubectl.kubernetes.io/last-applied-configuration": "hunter2"});
        let mut body = json!({
            "kind": "Secret", "data": data, "metadata": {"labels": labels, "annotations": annotations},
        });
        secret(&mut body);
        body
    }

    #[test]
    fn no_credential_of_a_cluster_secret_is_kept() {
        let config = json!({
            "bearerToken": "hunter2", "username": "hunter2", "password": "hunter2",
            "tlsClientConfig": {"keyData": "hunter2", "certData": "hunter2", "caData": "public"},
            "execProviderConfig": {"command": "x", "env": {"TOKEN": "hunter2"}},
            "awsAuthConfig": {"clusterName": "c"},
        });
        let text = cluster(&config.to_string()).to_string();
        assert!(!text.contains("hunter2"), "{text}");
        assert!(text.contains("https://x") && text.contains("public") && text.contains("clusterName"));
    }

    #[test]
    fn a_config_that_is_not_json_is_not_kept() {
        assert!(!cluster("token: hunter2").to_string().contains("hunter2"));
    }

    #[test]
    fn nothing_of_other_secrets_is_kept() {
        let mut body = json!({"kind": "Secret", "stringData": {"url": "hunter2"}, "metadata": {}});
        secret(&mut body);
        assert_eq!(body["stringData"]["url"], REDACTED);
    }
}
