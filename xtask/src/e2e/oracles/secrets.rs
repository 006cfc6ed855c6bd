//! What a cluster Secret says (util/db/cluster.go, `SecretToCluster`), and how Argo CD connects by it
//! (pkg/apis/application/v1alpha1/types.go, `RawRestConfig`).

use anyhow::{Context, Result};
use argocd::{Authentication, AwsAuthConfig, ClusterSecret, ExecProviderConfig, Secret};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use fastrand::Rng;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Asked,
    generate::{SERVERS, fields, list, pick},
    refused, value,
};

const ARN: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/prod";
const ROLE: &str = "arn:aws:iam::111122223333:role/spoke";

/// Texts that are no object, or no JSON.
const ODD_CONFIGS: [&str; 8] = ["", "null", "{}", "[]", " ", "{", "{'username': 'u'}", "\"x\""];

/// Base64 of PEM; some of it only nearly.
const BASE64: [&str; 6] = ["Y2E=", "Y2E=", "Y2Vy\ndA==", "", "Y2E", "no!!"];

/// What is read of a Secret, and how one connects by it.
pub(super) fn ask(rng: &mut Rng) -> Result<Asked> {
    let mut data = Map::new();
    let server = if rng.u8(..8) == 0 { ARN } else { pick(rng, &SERVERS) };
    data.insert("server".to_owned(), json!(format!("{server}{}", pick(rng, &["", "", "/", "//", "/x"]))));
    // An ARN is the EKS capability's, which looks at no config; Argo CD itself has no capability.
    if server != ARN {
        data.insert("config".to_owned(), json!(config(rng)));
    }
    for (key, texts) in [
        ("name", &["prod", "", "a b"][..]),
        ("namespaces", &["web", " web , ,db,", ",", "", "web\n,\u{a0}db\u{2003}"]),
        ("clusterResources", &["true", "True", "1", "", "true "]),
        ("project", &["payments", "", " "]),
        ("shard", &["3", "x", "", "-1", "+2", "1.5", " 1", "99999999999999999999"]),
        ("unknown", &["x"]),
    ] {
        if rng.bool() {
            data.insert(key.to_owned(), json!(pick(rng, texts)));
        }
    }
    let mut secret = json!({ "metadata": metadata(rng) });
    if let Some(secret) = secret.as_object_mut() {
        write(rng, secret, data);
    }
    question("cluster Secrets", &secret)
}

/// What is read of a Secret.
fn question(kind: &'static str, secret: &Value) -> Result<Asked> {
    let ours = match ClusterSecret::from_secret(&Secret::deserialize(secret)?) {
        Ok(cluster) => value(answer(&cluster)?),
        Err(message) => refused(&message),
    };
    Ok(Asked { kind, question: json!({ "clusterSecret": secret }), ours })
}

/// As clear text, as base64, or one value as either, of which clear text counts.
fn write(rng: &mut Rng, secret: &mut Map<String, Value>, mut data: Map<String, Value>) {
    let written = rng.u8(..3);
    if written > 0 {
        let encoded = data.iter().map(|(key, text)| {
            let text = if written == 1 { "other" } else { text.as_str().unwrap_or_default() };
            (key.clone(), json!(STANDARD.encode(text)))
        });
        secret.insert("data".to_owned(), Value::Object(encoded.collect()));
    }
    if written == 2 {
        data.retain(|_, _| rng.u8(..8) == 0);
    }
    secret.insert("stringData".to_owned(), Value::Object(data));
}

fn metadata(rng: &mut Rng) -> Value {
    let labels = json!({ argocd::SECRET_TYPE_LABEL: "cluster", "env": pick(rng, &["prod", ""]) });
    let foreign = [
        "kubectl.kubernetes.io/last-applied-configuration",
        "managed-by",
        "team",
        "argocd.argoproj.io/refresh",
    ];
    let annotations: Map<_, _> =
        list(rng, 0..4, |rng| (pick(rng, &foreign).to_owned(), json!("x"))).into_iter().collect();
    fields(rng, [("labels", labels), ("annotations", json!(annotations))])
}

fn config(rng: &mut Rng) -> String {
    if rng.u8(..6) == 0 {
        return pick(rng, &ODD_CONFIGS).to_owned();
    }
    let tls = [
        ("insecure", json!(rng.bool())),
        ("serverName", json!(pick(rng, &["", "api.example.com"]))),
        ("caData", json!(pick(rng, &BASE64))),
        ("certData", json!(pick(rng, &BASE64))),
        ("keyData", json!(pick(rng, &BASE64[..4]))),
    ];
    let mut config = Map::new();
    for (name, field) in [
        ("username", json!("u")),
        ("password", json!("p")),
        ("bearerToken", json!("t")),
        ("tlsClientConfig", fields(rng, tls)),
        ("awsAuthConfig", aws(rng)),
        ("execProviderConfig", exec(rng)),
        ("disableCompression", json!(rng.bool())),
        ("proxyUrl", json!("http://proxy:3128")),
        ("unknown", json!({ "a": [1] })),
    ] {
        match rng.u8(..48) {
            0 => drop(config.insert(name.to_owned(), Value::Null)),
            1 => drop(config.insert(name.to_owned(), json!(["another type"]))),
            2..6 => drop(config.insert(name.to_uppercase(), field)),
            6..24 => drop(config.insert(name.to_owned(), field)),
            _ => {}
        }
    }
    Value::Object(config).to_string()
}

fn aws(rng: &mut Rng) -> Value {
    let (role, profile) = (pick(rng, &["", ROLE]), pick(rng, &["", "", "deploy"]));
    fields(rng, [("clusterName", json!("prod")), ("roleARN", json!(role)), ("profile", json!(profile))])
}

fn exec(rng: &mut Rng) -> Value {
    let args = list(rng, 0..3, |rng| pick(rng, &[Some("eks"), Some("--region"), None]));
    let env = fields(rng, [("AWS_REGION", json!("eu-west-1")), ("A", json!(""))]);
    let provide_cluster_info = rng.bool();
    let written = [
        ("command", json!("aws")),
        ("args", json!(args)),
        ("env", env),
        ("apiVersion", json!("client.authentication.k8s.io/v1beta1")),
        ("installHint", json!("install it")),
        ("provideClusterInfo", json!(provide_cluster_info)),
        ("config", json!({ "k": [1, null] })),
    ];
    fields(rng, written)
}

/// What Argo CD makes of a cluster, in the form in which the oracle says it.
fn answer(cluster: &ClusterSecret) -> Result<Value> {
    Ok(json!({
        "name": cluster.name, "server": cluster.server, "namespaces": cluster.namespaces,
        "clusterResources": cluster.cluster_resources, "project": cluster.project.as_deref().unwrap_or_default(),
        "shard": cluster.shard, "labels": cluster.labels, "annotations": cluster.annotations,
        "disableCompression": cluster.config.disable_compression, "proxyUrl": cluster.config.proxy_url,
        "connection": connection(cluster)?,
    }))
}

fn connection(cluster: &ClusterSecret) -> Result<Value> {
    let (config, tls) = (&cluster.config, &cluster.config.tls);
    let mut connection = Connection {
        host: &cluster.server,
        insecure: tls.insecure,
        server_name: &tls.server_name,
        ca_data: pem(&tls.ca_data)?,
        cert_data: pem(tls.cert_data.expose())?,
        key_data: pem(tls.key_data.expose())?,
        ..Connection::default()
    };
    match cluster.authentication() {
        Authentication::InCluster => connection = Connection { in_cluster: true, ..Connection::default() },
        Authentication::Capability(_) => {}
        Authentication::Aws(aws) => connection.exec = Some(login(aws)),
        Authentication::Exec(exec) => connection.exec = Some(execution(exec)),
        Authentication::Static => {
            connection.username = &config.username;
            connection.password = config.password.expose();
            connection.bearer_token = config.bearer_token.expose();
        }
        // A password without a user is sent nowhere.
        Authentication::Anonymous => connection.password = config.password.expose(),
    }
    Ok(connection.to_json())
}

/// What the Secret decides of a `rest.Config`.
#[derive(Default)]
pub(super) struct Connection<'c> {
    pub(super) in_cluster: bool,
    pub(super) host: &'c str,
    pub(super) username: &'c str,
    pub(super) password: &'c str,
    pub(super) bearer_token: &'c str,
    pub(super) insecure: bool,
    pub(super) server_name: &'c str,
    pub(super) ca_data: String,
    pub(super) cert_data: String,
    pub(super) key_data: String,
    pub(super) exec: Option<Value>,
}

impl Connection<'_> {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "inCluster": self.in_cluster, "error": "", "host": self.host, "username": self.username,
            "password": self.password, "bearerToken": self.bearer_token, "insecure": self.insecure,
            "serverName": self.server_name, "caData": self.ca_data, "certData": self.cert_data,
            "keyData": self.key_data, "exec": self.exec,
        })
    }
}

fn login(aws: &AwsAuthConfig) -> Value {
    let role = ["--role-arn", &aws.role_arn];
    let profile = ["--profile", &aws.profile];
    let set = [role, profile].into_iter().filter(|[_, value]| !value.is_empty()).flatten();
    argocd_k8s_auth(["aws", "--cluster-name", &aws.cluster_name].into_iter().chain(set).collect())
}

/// Argo CD's own client that makes tokens.
pub(super) fn argocd_k8s_auth(args: Vec<&str>) -> Value {
    json!({
        "apiVersion": "client.authentication.k8s.io/v1beta1", "command": "argocd-k8s-auth", "args": args, "env": {},
        "installHint": "", "provideClusterInfo": false,
    })
}

fn execution(exec: &ExecProviderConfig) -> Value {
    let env: Map<_, _> = exec.env.iter().map(|(name, value)| (name.clone(), json!(value.expose()))).collect();
    let mut execution = json!({
        "apiVersion": exec.api_version, "command": exec.command, "args": exec.args, "env": env,
        "installHint": exec.install_hint, "provideClusterInfo": exec.provide_cluster_info,
    });
    if let (Some(execution), Some(config)) = (execution.as_object_mut(), &exec.config) {
        execution.insert("config".to_owned(), config.clone());
    }
    execution
}

/// The text behind base64, in which Go's decoder takes line breaks.
pub(super) fn pem(base64: &str) -> Result<String> {
    let bytes = STANDARD.decode(base64.replace(['\r', '\n'], "")).context("base64 that was taken as such")?;
    Ok(String::from_utf8(bytes)?)
}
