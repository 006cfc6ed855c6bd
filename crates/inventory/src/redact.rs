//! Credentials never leave this file: Secrets lose them while they are read.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

const REPLACED: &str = "replaced";

/// Fields of Argo CD's Secrets that hold no credential (Argo CD docs, "Declarative Setup").
///
/// `secretArn` names a secret of Secrets Manager, where the EKS capability keeps the credentials (EKS User Guide,
/// "Configure repository access").
const PLAIN: [&str; 10] = [
    "name",
    "server",
    "project",
    "namespaces",
    "clusterResources",
    "shard",
    "url",
    "type",
    "enableOCI",
    "secretArn",
];

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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secret_of(kind: &str, data: &[(&str, &str)]) -> String {
        let data: Map<String, Value> =
            data.iter().map(|(key, text)| ((*key).to_owned(), STANDARD.encode(text).into())).collect();
        let labels = json!({"argocd.argoproj.io/secret-type": kind});
        let annotations = json!({"kubectl.kubernetes.io/last-applied-configuration": "hunter2"});
        let mut body = json!({"kind": "Secret", "data": data, "metadata": {"labels": labels, "annotations": annotations}});
        secret(&mut body);
        let values = body["data"].as_object().unwrap().iter().map(|(key, value)| {
            let bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
            format!("{key}={}\n", String::from_utf8(bytes).unwrap())
        });
        format!("{}{}", values.collect::<String>(), body["metadata"])
    }

    #[test]
    fn no_credential_of_a_cluster_secret_is_kept() {
        let config = json!({
            "bearerToken": "hunter2", "password": "hunter2",
            "tlsClientConfig": {"keyData": "hunter2", "certData": "hunter2", "caData": "public"},
            "execProviderConfig": {"command": "plugin", "env": {"TOKEN": "hunter2"}},
            "awsAuthConfig": {"clusterName": "prod", "roleARN": "arn"},
        })
        .to_string();
        let text =
            secret_of("cluster", &[("server", "https://x"), ("config", &config), ("surprise", "hunter2")]);
        assert!(!text.contains("hunter2"), "{text}");
        for kept in ["https://x", "public", "prod", "roleARN", "plugin"] {
            assert!(text.contains(kept), "{kept} is missing in {text}");
        }
    }

    #[test]
    fn a_config_that_is_not_json_is_not_kept() {
        assert!(!secret_of("cluster", &[("config", "token: hunter2")]).contains("hunter2"));
    }

    #[test]
    fn of_a_repository_secret_only_what_is_open_is_kept() {
        let text = secret_of(
            "repository",
            &[("url", "https://git"), ("sshPrivateKey", "hunter2"), ("secretArn", "arn")],
        );
        assert!(
            text.contains("https://git") && text.contains("secretArn=arn") && !text.contains("hunter2"),
            "{text}"
        );
    }

    #[test]
    fn nothing_of_other_secrets_is_kept() {
        assert!(!secret_of("", &[("url", "hunter2"), ("name", "hunter2")]).contains("hunter2"));
        let mut body = json!({"kind": "Secret", "stringData": {"password": "hunter2"}, "metadata": {}});
        secret(&mut body);
        assert_eq!(body["stringData"]["password"], REPLACED);
    }
}
