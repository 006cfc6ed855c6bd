//! The AWS API server as somebody with some credentials meets it.

use std::{collections::BTreeSet, env, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    e2e::{go, python, server::Server, suite::Ground},
    process,
};

/// A running AWS API server, for those who call it.
pub(super) struct Aws {
    pub(super) tools: python::Tools,
    /// Argo CD's own code, with its client for tokens.
    argocd: PathBuf,
    ready: Ready,
    /// The home of whoever calls: nothing of the person's own is read.
    home: PathBuf,
}

#[derive(Deserialize)]
struct Ready {
    endpoint: String,
    proxy: String,
    ca: PathBuf,
}

/// An access key, with a session's token if it is one's.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

impl Credentials {
    /// Of an account's root user: the server takes the account's number for his access key.
    pub(super) fn of_root(account: &str) -> Self {
        Self { access_key_id: account.to_owned(), secret_access_key: "test".to_owned(), session_token: None }
    }
}

impl Aws {
    /// Starts one. It ends when the server is dropped.
    pub(super) fn start(ground: &Ground<'_>) -> Result<(Server, Self)> {
        let tools = python::tools(ground.workspace)?;
        let argocd = go::program(ground.workspace, "argocd")?;
        let folder = ground.folder.join("aws");
        let mut command = Command::new(go::program(ground.workspace, "aws-front")?);
        command.arg("--upstream").arg(&tools.ministack).arg("--dir").arg(&folder);
        let (server, ready) = Server::start("aws-front", &mut command, &folder)?;
        let home = ground.folder.join("home");
        fs::create_dir_all(&home)?;
        Ok((server, Self { tools, argocd, ready, home }))
    }

    /// For AWS_ENDPOINT_URL.
    pub(super) fn endpoint(&self) -> &str {
        &self.ready.endpoint
    }

    /// A program that finds this server wherever it looks for AWS, and nothing else of the environment but PATH.
    pub(super) fn command(&self, program: impl Into<PathBuf>, region: &str) -> Command {
        let mut command = Command::new(program.into());
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths([self.tools.bin.clone()].into_iter().chain(env::split_paths(&path)));
        command
            .env_clear()
            .env("PATH", path.unwrap_or_default())
            .env("HOME", &self.home)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_REGION", region)
            // The AWS CLI's first version knows no other.
            .env("AWS_DEFAULT_REGION", region)
            .env("AWS_ENDPOINT_URL", &self.ready.endpoint);
        command
    }

    /// A program that calls STS by its real name, as tokens have it, and still reaches this server.
    pub(super) fn command_by_name(&self, program: impl Into<PathBuf>, region: &str) -> Command {
        let mut command = self.command(program, region);
        command
            .env_remove("AWS_ENDPOINT_URL")
            .env("HTTPS_PROXY", &self.ready.proxy)
            .env("SSL_CERT_FILE", &self.ready.ca);
        command
    }

    /// Gives whoever calls a profile for each account, called by the account.
    pub(super) fn write_profiles(&self, accounts: &BTreeSet<String>) -> Result<()> {
        let profiles = accounts.iter().map(|account| {
            let Credentials { access_key_id, secret_access_key, .. } = Credentials::of_root(account);
            format!(
                "[{account}]\naws_access_key_id = {access_key_id}\naws_secret_access_key = {secret_access_key}\n"
            )
        });
        fs::create_dir_all(self.home.join(".aws"))?;
        Ok(fs::write(self.home.join(".aws/credentials"), profiles.collect::<String>())?)
    }

    /// Calls the AWS CLI, which must succeed; what it prints.
    pub(super) fn call(&self, who: &Credentials, region: &str, arguments: &[&str]) -> Result<Value> {
        let mut command = self.cli(who, region, arguments);
        let output = command.output().context("cannot start aws")?;
        if !output.status.success() {
            bail!("{}: {}", process::shown(&command), String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(serde_json::from_slice(&output.stdout).unwrap_or_default())
    }

    /// Calls the AWS CLI, which must be refused with this error code.
    pub(super) fn refused(
        &self,
        who: &Credentials,
        region: &str,
        arguments: &[&str],
        code: &str,
    ) -> Result<()> {
        let mut command = self.cli(who, region, arguments);
        let output = command.output().context("cannot start aws")?;
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() || !said.contains(&format!("({code})")) {
            bail!("{} should be refused with {code}: {}", process::shown(&command), said.trim());
        }
        Ok(())
    }

    fn cli(&self, who: &Credentials, region: &str, arguments: &[&str]) -> Command {
        let mut command = self.command(&self.tools.aws, region);
        authenticate(&mut command, who);
        command.args(["--output", "json"]).args(arguments);
        command
    }

    /// The token that Argo CD's own client makes. `role` is assumed first, where there is one.
    pub(super) fn token(
        &self,
        who: &Credentials,
        region: &str,
        cluster: &str,
        role: Option<&str>,
    ) -> Result<String> {
        let mut command = self.command_by_name(&self.argocd, region);
        authenticate(&mut command, who);
        // As its cluster Secrets are read: RawRestConfig in pkg/apis/application/v1alpha1/types.go.
        command.args(["k8s-auth", "aws", "--cluster-name", cluster]);
        if let Some(role) = role {
            command.args(["--role-arn", role]);
        }
        let credential: Value = serde_json::from_slice(&process::output(&mut command)?)?;
        let token = credential.pointer("/status/token").and_then(Value::as_str);
        Ok(token.context("argocd k8s-auth printed no token")?.to_owned())
    }
}

fn authenticate(command: &mut Command, who: &Credentials) {
    command.env("AWS_ACCESS_KEY_ID", &who.access_key_id).env("AWS_SECRET_ACCESS_KEY", &who.secret_access_key);
    if let Some(token) = &who.session_token {
        command.env("AWS_SESSION_TOKEN", token);
    }
}
