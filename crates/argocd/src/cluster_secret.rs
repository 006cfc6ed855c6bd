//! Cluster Secrets: how Argo CD knows a cluster and gets into it (util/db/cluster.go, `SecretToCluster`,
//! `clusterToSecret`; pkg/apis/application/v1alpha1/types.go, `ClusterConfig`, `RawRestConfig`).

use std::collections::BTreeMap;

use base64::{
    Engine as _, alphabet,
    engine::{GeneralPurpose, GeneralPurposeConfig},
};
use facts::ClusterArn;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    application::null_as_default,
    secret::{Hidden, SECRET_TYPE_LABEL, Secret},
};

/// The API server of the cluster that Argo CD runs in.
pub const IN_CLUSTER_SERVER: &str = "https://kubernetes.default.svc";

/// Annotations that belong to whoever wrote the Secret, not to the cluster (`SecretToCluster`).
const FOREIGN_ANNOTATIONS: [&str; 2] = ["kubectl.kubernetes.io/last-applied-configuration", "managed-by"];

/// A cluster as Argo CD knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterSecret {
    /// API server URL, without slashes at its end; for the EKS capability the cluster's ARN.
    pub server: String,
    /// Name; may be empty.
    pub name: String,
    /// How to get in.
    pub config: ClusterConfig,
    /// Namespaced mode: the only namespaces; empty means the whole cluster.
    pub namespaces: Vec<String>,
    /// In namespaced mode, whether cluster-scoped resources are managed all the same.
    pub cluster_resources: bool,
    /// The AppProject that it belongs to.
    pub project: Option<String>,
    /// The controller's shard that it is pinned to.
    pub shard: Option<i64>,
    /// Labels, without Argo CD's own.
    pub labels: BTreeMap<String, String>,
    /// Annotations, without Argo CD's and kubectl's own.
    pub annotations: BTreeMap<String, String>,
}

/// `config` of a cluster Secret. Debug output hides what is secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterConfig {
    /// Basic authentication.
    pub username: String,
    /// Basic authentication.
    pub password: Hidden,
    /// A token, usually of the service account `argocd-manager`.
    pub bearer_token: Hidden,
    /// How to trust the server, and client certificates.
    pub tls: TlsClientConfig,
    /// An AWS identity.
    pub aws_auth: Option<AwsAuthConfig>,
    /// A command that prints credentials.
    pub exec: Option<ExecProviderConfig>,
    /// Switches gzip off.
    pub disable_compression: bool,
    /// Proxy on the way to the server.
    pub proxy_url: String,
}

/// `tlsClientConfig`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsClientConfig {
    /// Whether the server's certificate isn't checked.
    pub insecure: bool,
    /// Name that the certificate must have instead of the URL's host.
    pub server_name: String,
    /// Base64 of PEM: the client's certificate.
    pub cert_data: Hidden,
    /// Base64 of PEM: the client's key.
    pub key_data: Hidden,
    /// Base64 of PEM: the server's certificate authority.
    pub ca_data: String,
}

/// `awsAuthConfig`: Argo CD runs `argocd-k8s-auth aws`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AwsAuthConfig {
    /// The cluster's name in EKS.
    #[serde(rename = "clusterName", deserialize_with = "null_as_default")]
    pub cluster_name: String,
    /// The role to assume first; empty: the pod's own identity.
    #[serde(rename = "roleARN", deserialize_with = "null_as_default")]
    pub role_arn: String,
    /// A profile of the pod's AWS configuration.
    #[serde(deserialize_with = "null_as_default")]
    pub profile: String,
}

/// `execProviderConfig`: Argo CD runs a command of the pod's image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecProviderConfig {
    /// The command.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its environment.
    pub env: BTreeMap<String, Hidden>,
    /// API version of its output.
    pub api_version: String,
    /// What to tell people who lack the command.
    pub install_hint: String,
    /// Whether the command is told about the cluster.
    pub provide_cluster_info: bool,
    /// What else it is told.
    pub config: Option<Value>,
}

/// By what Argo CD authenticates, after its rules of precedence (`RawRestConfig`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authentication<'c> {
    /// The service accounts of Argo CD's own pods; AWS, exec and TLS settings are ignored.
    InCluster,
    /// The role of the EKS capability, which knows clusters by ARN.
    Capability(ClusterArn),
    /// `argocd-k8s-auth aws`
    Aws(&'c AwsAuthConfig),
    /// Any other command.
    Exec(&'c ExecProviderConfig),
    /// A token, a password or a client certificate in the Secret.
    Static,
    /// Nothing at all.
    Anonymous,
}

impl ClusterSecret {
    /// Reads a cluster Secret as Argo CD does.
    ///
    /// # Errors
    /// If `config` is malformed: Argo CD then warns, and doesn't know the cluster.
    pub fn from_secret(secret: &Secret) -> Result<Self, String> {
        let text = |key: &str| secret.text(key).unwrap_or_default();
        let config = match text("config").as_str() {
            "" => ClusterConfig::default(),
            json => ClusterConfig::parse(json)?,
        };
        let namespaces = text("namespaces");
        let namespaces = namespaces.split(',').map(str::trim).filter(|namespace| !namespace.is_empty());
        let mut labels = secret.metadata.labels.clone();
        labels.remove(SECRET_TYPE_LABEL);
        let mut annotations = secret.metadata.annotations.clone();
        annotations.retain(|key, _| !FOREIGN_ANNOTATIONS.contains(&key.as_str()));
        Ok(Self {
            server: text("server").trim_end_matches('/').to_owned(),
            name: text("name"),
            config,
            namespaces: namespaces.map(str::to_owned).collect(),
            cluster_resources: text("clusterResources") == "true",
            project: secret.text("project").filter(|project| !project.is_empty()),
            shard: secret.text("shard").and_then(|shard| shard.parse().ok()),
            labels,
            annotations,
        })
    }

    /// The Secret in the form of Argo CD's documentation (docs/operator-manual/declarative-setup.md, "Clusters").
    ///
    /// It holds what is secret in [`ClusterConfig`] in clear text.
    pub fn to_manifest(&self, secret_name: &str, namespace: &str) -> Value {
        let mut labels = self.labels.clone();
        labels.insert(SECRET_TYPE_LABEL.to_owned(), "cluster".to_owned());
        let mut metadata = json!({"name": secret_name, "namespace": namespace, "labels": labels});
        if let Some(metadata) = metadata.as_object_mut().filter(|_| !self.annotations.is_empty()) {
            metadata.insert("annotations".to_owned(), json!(self.annotations));
        }
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata,
            "type": "Opaque",
            "stringData": self.string_data(),
        })
    }

    fn string_data(&self) -> Map<String, Value> {
        let name = if self.name.is_empty() { &self.server } else { &self.name };
        let mut data = Map::new();
        data.insert("name".to_owned(), json!(name));
        data.insert("server".to_owned(), json!(self.server));
        if !self.namespaces.is_empty() {
            data.insert("namespaces".to_owned(), json!(self.namespaces.join(",")));
        }
        if self.cluster_resources {
            data.insert("clusterResources".to_owned(), json!("true"));
        }
        if let Some(project) = &self.project {
            data.insert("project".to_owned(), json!(project));
        }
        if let Some(shard) = self.shard {
            data.insert("shard".to_owned(), json!(shard.to_string()));
        }
        // The EKS capability's Secrets have no config (EKS User Guide, "Register target clusters").
        if self.config != ClusterConfig::default() {
            data.insert("config".to_owned(), json!(self.config.to_json().to_string()));
        }
        data
    }

    /// By what Argo CD authenticates to the cluster.
    pub fn authentication(&self) -> Authentication<'_> {
        let config = &self.config;
        let has_certificate = !config.tls.cert_data.expose().is_empty();
        if self.server == IN_CLUSTER_SERVER {
            Authentication::InCluster
        } else if let Ok(arn) = self.server.parse() {
            Authentication::Capability(arn)
        } else if let Some(aws) = &config.aws_auth {
            Authentication::Aws(aws)
        } else if let Some(exec) = &config.exec {
            Authentication::Exec(exec)
        } else if !config.username.is_empty() || !config.bearer_token.expose().is_empty() || has_certificate {
            Authentication::Static
        } else {
            Authentication::Anonymous
        }
    }
}

impl ClusterConfig {
    /// Reads the JSON of `config` as Go does: names in any case, `null` for absent, unknown fields ignored.
    ///
    /// # Errors
    /// If it is malformed. The message holds nothing of the text.
    pub fn parse(json: &str) -> Result<Self, String> {
        let error = |what: String| format!("failed to unmarshal cluster config: {what}");
        let value: Value = serde_json::from_str(json)
            .map_err(|e| error(format!("malformed JSON at line {} column {}", e.line(), e.column())))?;
        if value.is_null() {
            return Ok(Self::default());
        }
        let root = Fields::of("config", &value).map_err(error)?;
        root.config().map_err(error)
    }

    /// The JSON that Argo CD writes: `tlsClientConfig` always, the rest where it is set.
    pub fn to_json(&self) -> Value {
        let mut json = Map::new();
        let mut text = |key: &str, value: &str| insert_text(&mut json, key, value);
        text("username", &self.username);
        text("password", self.password.expose());
        text("bearerToken", self.bearer_token.expose());
        json.insert("tlsClientConfig".to_owned(), self.tls.to_json());
        if let Some(aws) = &self.aws_auth {
            json.insert("awsAuthConfig".to_owned(), aws.to_json());
        }
        if let Some(exec) = &self.exec {
            json.insert("execProviderConfig".to_owned(), exec.to_json());
        }
        insert_flag(&mut json, "disableCompression", self.disable_compression);
        insert_text(&mut json, "proxyUrl", &self.proxy_url);
        Value::Object(json)
    }
}

impl TlsClientConfig {
    fn to_json(&self) -> Value {
        let mut json = Map::new();
        json.insert("insecure".to_owned(), json!(self.insecure));
        insert_text(&mut json, "serverName", &self.server_name);
        insert_text(&mut json, "certData", self.cert_data.expose());
        insert_text(&mut json, "keyData", self.key_data.expose());
        insert_text(&mut json, "caData", &self.ca_data);
        Value::Object(json)
    }
}

impl AwsAuthConfig {
    fn to_json(&self) -> Value {
        let mut json = Map::new();
        insert_text(&mut json, "clusterName", &self.cluster_name);
        insert_text(&mut json, "roleARN", &self.role_arn);
        insert_text(&mut json, "profile", &self.profile);
        Value::Object(json)
    }
}

impl ExecProviderConfig {
    fn to_json(&self) -> Value {
        let mut json = Map::new();
        insert_text(&mut json, "command", &self.command);
        if !self.args.is_empty() {
            json.insert("args".to_owned(), json!(self.args));
        }
        if !self.env.is_empty() {
            let env = self.env.iter().map(|(name, value)| (name.clone(), json!(value.expose())));
            json.insert("env".to_owned(), Value::Object(env.collect()));
        }
        insert_text(&mut json, "apiVersion", &self.api_version);
        insert_text(&mut json, "installHint", &self.install_hint);
        insert_flag(&mut json, "provideClusterInfo", self.provide_cluster_info);
        if let Some(config) = &self.config {
            json.insert("config".to_owned(), config.clone());
        }
        Value::Object(json)
    }
}

fn insert_text(json: &mut Map<String, Value>, key: &str, text: &str) {
    if !text.is_empty() {
        json.insert(key.to_owned(), json!(text));
    }
}

fn insert_flag(json: &mut Map<String, Value>, key: &str, flag: bool) {
    if flag {
        json.insert(key.to_owned(), json!(true));
    }
}

/// As Go's `base64.StdEncoding` reads it, which isn't strict about the last character's unused bits.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The fields of a JSON object, found as Go's encoding/json finds them: by name in any case, the last one counts that
/// isn't `null`.
struct Fields<'v> {
    what: &'static str,
    fields: &'v Map<String, Value>,
}

impl<'v> Fields<'v> {
    fn of(what: &'static str, value: &'v Value) -> Result<Self, String> {
        let fields = value.as_object().ok_or_else(|| format!("`{what}` is not an object"))?;
        Ok(Self { what, fields })
    }

    fn get(&self, name: &str) -> Option<&'v Value> {
        let is_set = |(key, value): &(&String, &Value)| key.eq_ignore_ascii_case(name) && !value.is_null();
        self.fields.iter().rev().find(is_set).map(|(_, value)| value)
    }

    fn read<T: serde::de::DeserializeOwned + Default>(&self, name: &str) -> Result<T, String> {
        let Some(value) = self.get(name) else { return Ok(T::default()) };
        // The library's message would quote the value.
        serde_json::from_value(value.clone()).map_err(|_| format!("`{}.{name}` has another type", self.what))
    }

    fn hidden(&self, name: &str) -> Result<Hidden, String> {
        self.read::<String>(name).map(Hidden::from)
    }

    /// What Go reads into bytes: base64, perhaps with line breaks.
    fn base64(&self, name: &str) -> Result<String, String> {
        let text: String = self.read(name)?;
        let bytes = BASE64.decode(text.replace(['\r', '\n'], ""));
        bytes.map(|_| text).map_err(|_| format!("`{}.{name}` is not base64", self.what))
    }

    fn object(&self, name: &'static str) -> Result<Option<Fields<'v>>, String> {
        self.get(name).map(|value| Fields::of(name, value)).transpose()
    }

    fn config(&self) -> Result<ClusterConfig, String> {
        Ok(ClusterConfig {
            username: self.read("username")?,
            password: self.hidden("password")?,
            bearer_token: self.hidden("bearerToken")?,
            tls: self
                .object("tlsClientConfig")?
                .map_or_else(|| Ok(TlsClientConfig::default()), |f| f.tls())?,
            aws_auth: self.object("awsAuthConfig")?.map(|f| f.aws_auth()).transpose()?,
            exec: self.object("execProviderConfig")?.map(|f| f.exec()).transpose()?,
            disable_compression: self.read("disableCompression")?,
            proxy_url: self.read("proxyUrl")?,
        })
    }

    fn tls(&self) -> Result<TlsClientConfig, String> {
        Ok(TlsClientConfig {
            insecure: self.read("insecure")?,
            server_name: self.read("serverName")?,
            cert_data: self.base64("certData")?.into(),
            key_data: self.base64("keyData")?.into(),
            ca_data: self.base64("caData")?,
        })
    }

    fn aws_auth(&self) -> Result<AwsAuthConfig, String> {
        Ok(AwsAuthConfig {
            cluster_name: self.read("clusterName")?,
            role_arn: self.read("roleARN")?,
            profile: self.read("profile")?,
        })
    }

    fn exec(&self) -> Result<ExecProviderConfig, String> {
        let args: Vec<Option<String>> = self.read("args")?;
        let env: BTreeMap<String, Option<String>> = self.read("env")?;
        Ok(ExecProviderConfig {
            command: self.read("command")?,
            args: args.into_iter().map(Option::unwrap_or_default).collect(),
            env: env.into_iter().map(|(name, value)| (name, value.unwrap_or_default().into())).collect(),
            api_version: self.read("apiVersion")?,
            install_hint: self.read("installHint")?,
            provide_cluster_info: self.read("provideClusterInfo")?,
            config: self.get("config").cloned(),
        })
    }
}

#[cfg(test)]
mod tests;
