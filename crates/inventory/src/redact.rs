//! Credentials never leave this file: Secrets lose them while they are read.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

/// What stands in the place of whatever Secrets keep secret.
pub const REPLACED: &str = "replaced";

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

/// Of these fields the credentials that a URL may carry before its host go.
const URLS: [&str; 3] = ["server", "url", "proxyUrl"];

/// Fields of a cluster Secret's `config` that hold none, in lower case since Go takes names in any (`ClusterConfig` in
/// pkg/apis/application/v1alpha1/types.go). Arguments of an exec plugin may hold anything, and so may fields that
/// Argo CD doesn't know.
const PLAIN_CONFIG: [&str; 10] = [
    "apiversion",
    "cadata",
    "clustername",
    "command",
    "disablecompression",
    "insecure",
    "profile",
    "proxyurl",
    "rolearn",
    "servername",
];

/// Arguments of an exec plugin that say which identity it gets a token for, and hold nothing secret: those of `argocd-k8s-auth aws`
/// and `aws eks get-token`.
const PLAIN_FLAGS: [&str; 4] = ["--cluster-name", "--output", "--region", "--role-arn"];
const PLAIN_WORDS: [&str; 3] = ["aws", "eks", "get-token"];

/// Objects of such a `config` in which the fields above stand.
const CONFIG_OBJECTS: [&str; 3] = ["awsauthconfig", "execproviderconfig", "tlsclientconfig"];

/// Replaces what a Secret keeps secret. Only what Argo CD's own Secrets say openly stays.
pub fn secret(body: &mut Value) {
    let labelled = body.pointer("/metadata/labels/argocd.argoproj.io~1secret-type").and_then(Value::as_str);
    let kind = labelled.unwrap_or_default().to_owned();
    let argocd = matches!(kind.as_str(), "cluster" | "repository" | "repo-creds");
    if let Some(annotations) = body.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        // kubectl apply keeps a copy of the whole Secret here.
        annotations.shift_remove("kubectl.kubernetes.io/last-applied-configuration");
    }
    for field in ["data", "stringData"] {
        let Some(values) = body.get_mut(field) else { continue };
        let Some(values) = values.as_object_mut() else {
            *values = Value::Null;
            continue;
        };
        for (key, value) in values {
            let encoded = field == "data";
            if argocd && URLS.contains(&key.as_str()) {
                *value = map(value, encoded, |text| Some(without_user(text))).into();
            } else if !(argocd && PLAIN.contains(&key.as_str())) {
                let is_config = kind == "cluster" && key == "config";
                *value = map(value, encoded, |text| if is_config { plain_config(text) } else { None }).into();
            }
        }
    }
}

/// What becomes of a value; what can't be read is replaced as a whole. An empty value hides nothing.
fn map(value: &Value, encoded: bool, keep: impl Fn(&str) -> Option<String>) -> String {
    let Some(written) = value.as_str() else { return REPLACED.to_owned() };
    if written.is_empty() {
        return String::new();
    }
    let decode =
        || String::from_utf8(STANDARD.decode(written.split_whitespace().collect::<String>()).ok()?).ok();
    let text = if encoded { decode() } else { Some(written.to_owned()) };
    let kept = text.and_then(|text| keep(&text)).unwrap_or_else(|| REPLACED.to_owned());
    if encoded { STANDARD.encode(kept) } else { kept }
}

/// `https://user:password@host/path` without the user.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    // `git@` of an SSH URL is nobody's secret.
    match authority.rsplit_once('@') {
        Some((user, host)) if scheme != "ssh" || user.contains(':') => {
            format!("{scheme}://{REPLACED}@{host}{path}")
        }
        _ => url.to_owned(),
    }
}

/// The configuration of a cluster without its credentials; nothing if it can't be read.
fn plain_config(text: &str) -> Option<String> {
    let mut config: Value = serde_json::from_str(text).ok()?;
    strip(config.as_object_mut()?);
    Some(config.to_string())
}

fn strip(fields: &mut Map<String, Value>) {
    for (key, value) in fields {
        let key = key.to_lowercase();
        match value {
            Value::Object(inner) if CONFIG_OBJECTS.contains(&key.as_str()) => strip(inner),
            Value::String(url) if key == "proxyurl" => *url = without_user(url),
            Value::Array(arguments) if key == "args" => plain_arguments(arguments),
            _ if PLAIN_CONFIG.contains(&key.as_str()) && !value.is_object() && !value.is_array() => {}
            _ => replace_texts(value),
        }
    }
}

/// Leaves the flags that are known to be plain, with their values.
fn plain_arguments(arguments: &mut [Value]) {
    let mut is_value = false;
    for argument in arguments {
        let text = argument.as_str().unwrap_or_default();
        let (flag, value) = text.split_once('=').map_or((text, None), |(flag, value)| (flag, Some(value)));
        let is_flag = PLAIN_FLAGS.contains(&flag);
        let is_plain = is_value || is_flag || PLAIN_WORDS.contains(&text);
        is_value = is_flag && value.is_none();
        if !is_plain {
            replace_texts(argument);
        }
    }
}

/// The shape stays, so that what is read further on is of the right type.
fn replace_texts(value: &mut Value) {
    match value {
        Value::String(text) if !text.is_empty() => *text = REPLACED.to_owned(),
        Value::Number(_) => *value = 0.into(),
        Value::Array(items) => items.iter_mut().for_each(replace_texts),
        Value::Object(fields) => fields.values_mut().for_each(replace_texts),
        _ => {}
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
    fn only_what_is_known_to_be_open_is_kept_of_a_config() {
        let config = json!({
            "BearerToken": "hunter2", "PASSWORD": "hunter2", "username": "hunter2", "new": {"field": ["hunter2"]},
            "execProviderConfig": {"command": "plugin", "args": ["--token=hunter2"], "installHint": "hunter2",
                "config": {"key": "hunter2"}, "apiVersion": "v1"},
            "proxyUrl": "http://me:hunter2@proxy:3128/x",
            "disableCompression": true,
        })
        .to_string();
        let text = secret_of("cluster", &[("server", "https://me:hunter2@x"), ("config", &config)]);
        assert!(!text.contains("hunter2"), "{text}");
        for kept in
            ["plugin", "@proxy:3128/x", "@x", "\"disableCompression\":true", "\"args\":[\"replaced\"]"]
        {
            assert!(text.contains(kept), "{kept} is missing in {text}");
        }
    }

    #[test]
    fn urls_without_a_password_stay_as_they_are() {
        for url in
            ["https://git.example/a@b", "ssh://git@git.example/x", "git@git.example:x", "host/path", ""]
        {
            assert_eq!(without_user(url), url);
        }
        assert_eq!(without_user("https://u:p@git.example/x"), "https://replaced@git.example/x");
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
        let mut odd = json!({"kind": "Secret", "data": "hunter2", "stringData": ["hunter2"], "metadata": {}});
        secret(&mut odd);
        assert!(!odd.to_string().contains("hunter2"), "{odd}");
        let mut body = json!({"kind": "Secret", "stringData": {"password": "hunter2"}, "metadata": {}});
        secret(&mut body);
        assert_eq!(body["stringData"]["password"], REPLACED);
    }
}
