//! The scene for somebody at a shell: variables of the environment, profiles of the AWS CLI, a kubeconfig.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::Result;
use serde_json::{Value, json};

use super::{
    aws::{Aws, Credentials},
    cluster::Arn,
    scene::{HUB, HUB_CLUSTER, HUB_ROLE, SPOKE, SPOKE_CLUSTER, Scene, controller, create_cluster},
};
use crate::e2e::{apiserver::ApiServer, kubeconfig, suite::Ground};

/// Credentials as the AWS CLI wants them of a process, from its own answer to AssumeRole (AWS CLI User Guide, "Sourcing
/// credentials with an external process in the AWS CLI").
const AS_PROCESS: &str = "{Version: `1`, AccessKeyId: Credentials.AccessKeyId, \
     SecretAccessKey: Credentials.SecretAccessKey, SessionToken: Credentials.SessionToken, \
     Expiration: Credentials.Expiration}";

/// Sets the scene beside a hub's API server, and passes on what a shell has to evaluate. It stands until `then` returns.
pub(in crate::e2e) fn stand(
    ground: &Ground<'_>,
    hub: &ApiServer,
    then: impl FnOnce(&str) -> Result<()>,
) -> Result<()> {
    let (_server, aws) = Aws::start(ground)?;
    create_cluster(&aws, &Arn::parse(HUB_CLUSTER)?)?;
    let scene = Scene::set(ground, &aws)?;
    let config = ground.folder.join("aws-config");
    fs::write(&config, profiles(&scene)?)?;
    let kubeconfig = ground.folder.join("kubeconfig.json");
    fs::write(&kubeconfig, format!("{:#}", contexts(&scene, hub, &config)?))?;
    then(&exports(&scene, &config, &kubeconfig)?)
}

/// Root users of both accounts, and the pods of Argo CD on the hub.
fn profiles(scene: &Scene<'_>) -> Result<String> {
    let region = Arn::parse(SPOKE_CLUSTER)?.region;
    let (key, request) = scene.pods.request(HUB_ROLE, &controller())?;
    let (hub, spoke) = (Credentials::of_root(HUB), Credentials::of_root(SPOKE));
    let mut text = String::new();
    for (name, credentials) in [("hub", &hub), ("spoke", &spoke), ("pod-identity", key)] {
        writeln!(text, "[profile {name}]\nregion = {region}")?;
        for (variable, value) in credentials.variables() {
            writeln!(text, "{} = {value}", variable.to_lowercase())?;
        }
    }
    let input = scene.folder.join("pod-identity.json");
    fs::write(&input, request.to_string())?;
    writeln!(
        text,
        "[profile argocd]\nregion = {region}\ncredential_process = {} --profile pod-identity sts assume-role \
         --cli-input-json {} --output json --query {}",
        quoted(&scene.aws.environment.bin.join("aws").to_string_lossy()),
        quoted(&format!("file://{}", input.display())),
        quoted(AS_PROCESS),
    )?;
    Ok(text)
}

/// Both clusters as administrator, and the spoke as Argo CD comes to it.
fn contexts(scene: &Scene<'_>, hub: &ApiServer, config: &Path) -> Result<Value> {
    let spoke = scene.cluster.api();
    let named = [("hub", hub), ("spoke", spoke)].map(|(name, api)| (name, api.kubeconfig.as_path()));
    let mut joined = kubeconfig::joined(&scene.aws.kubectl, named.into_iter())?;
    if let Some(users) = joined.get_mut("users").and_then(Value::as_array_mut) {
        users.push(json!({ "name": "argocd", "user": { "exec": token(scene, config)? } }));
    }
    if let Some(contexts) = joined.get_mut("contexts").and_then(Value::as_array_mut) {
        contexts.push(json!({ "name": "argocd", "context": { "cluster": "spoke", "user": "argocd" } }));
    }
    if let Some(joined) = joined.as_object_mut() {
        joined.insert("current-context".to_owned(), json!("spoke"));
    }
    Ok(joined)
}

/// How kubectl gets a token: by `aws eks get-token`, from the hub's role by way of the spoke's. The request in a token has to be
/// for STS by its real name, which the proxy alone makes the server under test.
fn token(scene: &Scene<'_>, config: &Path) -> Result<Value> {
    let Arn { region, name, .. } = Arn::parse(SPOKE_CLUSTER)?;
    let server = &scene.aws.environment.server;
    let variables = [
        ("AWS_CONFIG_FILE", text(config)),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true".to_owned()),
        ("AWS_CA_BUNDLE", text(&server.ca)),
        // Python prefers these in lower case.
        ("https_proxy", server.proxy.clone()),
        ("no_proxy", String::new()),
    ];
    Ok(json!({
        "apiVersion": "client.authentication.k8s.io/v1beta1", "interactiveMode": "Never",
        "command": scene.aws.environment.bin.join("aws"),
        "args": [
            "--profile", "argocd", "--region", region, "eks", "get-token", "--cluster-name", name, "--role-arn", scene.regular,
        ],
        "env": variables.map(|(name, value)| json!({ "name": name, "value": value })),
    }))
}

/// Whoever evaluates them is the root user of the spoke's account, and finds nothing of his own credentials.
fn exports(scene: &Scene<'_>, config: &Path, kubeconfig: &Path) -> Result<String> {
    let environment = &scene.aws.environment;
    let region = Arn::parse(SPOKE_CLUSTER)?.region;
    let mut variables = vec![
        ("KUBECONFIG", text(kubeconfig)),
        ("AWS_ENDPOINT_URL", environment.server.endpoint.clone()),
        ("AWS_CONFIG_FILE", text(config)),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("AWS_REGION", region.clone()),
        ("AWS_DEFAULT_REGION", region),
    ];
    variables.extend(Credentials::of_root(SPOKE).variables());
    let mut lines = "unset AWS_PROFILE AWS_SESSION_TOKEN\n".to_owned();
    for (name, value) in variables {
        writeln!(lines, "export {name}={}", quoted(&value))?;
    }
    writeln!(lines, "export PATH={}:\"$PATH\"", quoted(&text(&environment.bin)))?;
    Ok(lines)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// As one word of a POSIX shell's.
pub(in crate::e2e) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_reads_a_quoted_word_as_it_was() {
        for word in ["plain", "two words", "it's", "$HOME `id` \"\\"] {
            let read =
                Command::new("sh").arg("-c").arg(format!("printf %s {}", quoted(word))).output().unwrap();
            assert_eq!(String::from_utf8(read.stdout).unwrap(), word);
        }
    }
}
