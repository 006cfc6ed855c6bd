//! The AWS API server, and calls to it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{environment::Environment, shell::quoted};
use crate::{
    e2e::{go, python, server::Server, suite::Ground},
    process,
};

/// How long a call may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);

/// A running AWS API server, for those who call it.
pub(in crate::e2e) struct Aws {
    pub(in crate::e2e) environment: Environment,
    /// The file with what EKS decides about clusters, by ARN; there is nothing in it until somebody writes it.
    pub(in crate::e2e) clusters: PathBuf,
    /// The file with what goes wrong (tests/e2e/aws-front/faults.go): nothing, until somebody writes it.
    pub(in crate::e2e) faults: PathBuf,
    /// The folder with an organisation (tests/e2e/aws-front/organization.go); it is empty until somebody makes one.
    pub(in crate::e2e) organization: PathBuf,
    pub(in crate::e2e) kubectl: PathBuf,
    /// Argo CD's own code, with its client for tokens.
    argocd: PathBuf,
    /// `tests/e2e/python/aws_calls.py`.
    caller: Mutex<Server>,
}

/// An access key, with a session's token if it is one's.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::e2e) struct Credentials {
    pub(in crate::e2e) access_key_id: String,
    pub(in crate::e2e) secret_access_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<String>,
}

/// A program's credentials, in its environment.
pub(in crate::e2e) type Variables = Vec<(&'static str, String)>;

/// What AWS says.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Reply {
    Answer { answer: Value },
    Error { code: String, message: String },
}

impl Credentials {
    /// Of an account's root user: the server takes the account's number for his access key.
    pub(in crate::e2e) fn of_root(account: &str) -> Self {
        Self { access_key_id: account.to_owned(), secret_access_key: "test".to_owned(), session_token: None }
    }

    pub(in crate::e2e) fn variables(&self) -> Variables {
        let mut variables = vec![
            ("AWS_ACCESS_KEY_ID", self.access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.secret_access_key.clone()),
        ];
        variables.extend(self.session_token.clone().map(|token| ("AWS_SESSION_TOKEN", token)));
        variables
    }
}

impl Aws {
    /// Starts one. It ends when the server is dropped.
    pub(in crate::e2e) fn start(ground: &Ground<'_>) -> Result<(Server, Self)> {
        Self::start_in(ground, &ground.folder)
    }

    /// The same, where a suite has several, each with a folder of its own.
    pub(in crate::e2e) fn start_in(ground: &Ground<'_>, own: &Path) -> Result<(Server, Self)> {
        Self::start_with(ground, own, None)
    }

    /// The same, with a file that says how often may be asked (tests/e2e/aws-front/limits.go).
    pub(in crate::e2e) fn start_limited(
        ground: &Ground<'_>,
        own: &Path,
        limits: &Path,
    ) -> Result<(Server, Self)> {
        Self::start_with(ground, own, Some(limits))
    }

    fn start_with(ground: &Ground<'_>, own: &Path, limits: Option<&Path>) -> Result<(Server, Self)> {
        let tools = python::tools(ground.workspace)?;
        let argocd = go::program(ground.workspace, "argocd")?;
        let folder = own.join("aws");
        fs::create_dir_all(&folder)?;
        let (clusters, faults) = (folder.join("clusters.json"), folder.join("faults.json"));
        fs::write(&clusters, "{}")?;
        fs::write(&faults, "[]")?;
        let organization = folder.join("organization");
        fs::create_dir_all(&organization)?;
        let mut front = Command::new(go::program(ground.workspace, "aws-front")?);
        front
            .arg("--upstream")
            .arg(&tools.ministack)
            .arg("--dir")
            .arg(&folder)
            .arg("--clusters")
            .arg(&clusters)
            .arg("--faults")
            .arg(&faults)
            .arg("--organization")
            .arg(&organization);
        if let Some(limits) = limits {
            front.arg("--limits").arg(limits);
        }
        let (server, ready) = Server::start("aws-front", &mut front, &folder)?;
        let environment = Environment::new(ready, &tools.bin, &own.join("home"))?;
        let mut calls = environment.command(&tools.python, "us-east-1");
        calls.arg(ground.workspace.root.join("tests/e2e/python/aws_calls.py"));
        let (caller, _) = Server::start::<Map<String, Value>>("aws-calls", &mut calls, &folder)?;
        Ok((
            server,
            Self {
                environment,
                clusters,
                faults,
                organization,
                kubectl: tools.kubectl,
                argocd,
                caller: Mutex::new(caller),
            },
        ))
    }

    /// How many calls it has got.
    pub(in crate::e2e) fn recorded(&self) -> Result<usize> {
        Ok(fs::read_to_string(&self.environment.server.recording)?.lines().count())
    }

    /// Makes what an inventory says is there.
    pub(in crate::e2e) fn seed(&self, ground: &Ground<'_>, inventory: &Path) -> Result<()> {
        let mut seed = self.environment.command(python::tools(ground.workspace)?.python, "us-east-1");
        seed.arg(ground.workspace.root.join("tests/e2e/python/seed.py")).arg(inventory);
        process::run(&mut seed)
    }

    /// Calls an operation of a service, which must answer.
    pub(in crate::e2e) fn call(
        &self,
        who: &Credentials,
        region: &str,
        operation: (&str, &str),
        parameters: &Value,
    ) -> Result<Value> {
        match self.ask(who, region, operation, parameters)? {
            Reply::Answer { answer } => Ok(answer),
            Reply::Error { message, .. } => bail!("{operation:?} {parameters}: {message}"),
        }
    }

    /// Calls an operation of a service, which must be refused.
    pub(in crate::e2e) fn denied(
        &self,
        who: &Credentials,
        region: &str,
        operation: (&str, &str),
        parameters: &Value,
    ) -> Result<()> {
        match self.ask(who, region, operation, parameters)? {
            Reply::Error { code, .. } if code == "AccessDenied" => Ok(()),
            reply => bail!("{operation:?} {parameters} should be denied: {reply:?}"),
        }
    }

    fn ask(
        &self,
        who: &Credentials,
        region: &str,
        (service, operation): (&str, &str),
        parameters: &Value,
    ) -> Result<Reply> {
        let call = json!({
            "credentials": who, "region": region, "service": service, "operation": operation, "parameters": parameters,
        });
        self.caller.lock().unwrap_or_else(PoisonError::into_inner).ask(&call, ANSWERS_WITHIN)
    }

    /// The token that Argo CD's own client makes, with the arguments that Argo CD gives it (RawRestConfig in
    /// pkg/apis/application/v1alpha1/types.go). `role` is assumed first, where there is one.
    pub(in crate::e2e) fn token(
        &self,
        who: &Variables,
        region: &str,
        cluster: &str,
        role: Option<&str>,
    ) -> Result<String> {
        let mut command = self.k8s_auth(who, region);
        command
            .args(["aws", "--cluster-name", cluster])
            .args(role.iter().flat_map(|role| ["--role-arn", role]));
        let credential: Value = serde_json::from_slice(&process::output(&mut command)?)?;
        let token = credential.pointer("/status/token").and_then(Value::as_str);
        Ok(token.context("argocd k8s-auth printed no token")?.to_owned())
    }

    /// A folder with `argocd-k8s-auth` as it is in Argo CD's image, with the environment of a pod.
    pub(in crate::e2e) fn plugins(&self, folder: &Path, pod: &Variables, region: &str) -> Result<PathBuf> {
        let plugins = folder.join("bin");
        fs::create_dir_all(&plugins)?;
        let command = self.k8s_auth(pod, region);
        let variables =
            command.get_envs().filter_map(|(name, value)| Some((name.to_str()?, value?.to_str()?)));
        let variables: String = variables.map(|(name, value)| format!(" {name}={}", quoted(value))).collect();
        let words = [command.get_program()].into_iter().chain(command.get_args());
        let words: String = words.map(|word| format!(" {}", quoted(&word.to_string_lossy()))).collect();
        let script = format!("#!/bin/sh\nexec /usr/bin/env -i{variables}{words} \"$@\"\n");
        let file = plugins.join("argocd-k8s-auth");
        fs::write(&file, script)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o700))?;
        Ok(plugins)
    }

    /// Argo CD's own `argocd-k8s-auth`, without arguments.
    pub(in crate::e2e) fn k8s_auth(&self, who: &Variables, region: &str) -> Command {
        let mut command = self.environment.command_by_name(&self.argocd, region);
        command.envs(who.iter().map(|(name, value)| (name, value))).arg("k8s-auth");
        command
    }
}
