//! Where programs run that call AWS: they find the server under test, and nothing of whoever runs the tests.

use std::{
    collections::BTreeSet,
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;
use serde::Deserialize;

use super::aws::Credentials;

/// Programs' surroundings.
pub(in crate::e2e) struct Environment {
    /// Where the AWS API server is.
    pub(in crate::e2e) server: Server,
    /// The folder of the tools from PyPI.
    pub(in crate::e2e) bin: PathBuf,
    home: PathBuf,
}

/// What aws-front says when it is ready.
#[derive(Deserialize)]
pub(in crate::e2e) struct Server {
    /// For AWS_ENDPOINT_URL.
    pub(in crate::e2e) endpoint: String,
    /// Through it STS's own addresses lead to the server.
    pub(in crate::e2e) proxy: String,
    /// The certificate authority of what the proxy shows.
    pub(in crate::e2e) ca: PathBuf,
    /// A line for each call.
    pub(in crate::e2e) recording: PathBuf,
}

impl Environment {
    pub(in crate::e2e) fn new(server: Server, bin: &Path, home: &Path) -> Result<Self> {
        fs::create_dir_all(home)?;
        Ok(Self { server, bin: bin.to_owned(), home: home.to_owned() })
    }

    /// A program that finds the server wherever it looks for AWS, and nothing else of the environment but PATH.
    pub(in crate::e2e) fn command(&self, program: impl AsRef<OsStr>, region: &str) -> Command {
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths([self.bin.clone()].into_iter().chain(env::split_paths(&path)));
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", path.unwrap_or_default())
            .env("HOME", &self.home)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_REGION", region)
            // The AWS CLI's first version knows no other.
            .env("AWS_DEFAULT_REGION", region)
            .env("AWS_ENDPOINT_URL", &self.server.endpoint);
        command
    }

    /// A program that calls STS by its real name, as tokens have it, and still reaches the server.
    pub(in crate::e2e) fn command_by_name(&self, program: impl AsRef<OsStr>, region: &str) -> Command {
        let mut command = self.command(program, region);
        command
            .env_remove("AWS_ENDPOINT_URL")
            .env("HTTPS_PROXY", &self.server.proxy)
            .env("SSL_CERT_FILE", &self.server.ca);
        command
    }

    /// Gives whoever calls a profile for each account, called by the account.
    pub(in crate::e2e) fn write_profiles(&self, accounts: &BTreeSet<String>) -> Result<()> {
        let profiles = accounts.iter().map(|account| {
            let Credentials { access_key_id, secret_access_key, .. } = Credentials::of_root(account);
            format!("[{account}]\naws_access_key_id = {access_key_id}\naws_secret_access_key = {secret_access_key}\n")
        });
        fs::create_dir_all(self.home.join(".aws"))?;
        Ok(fs::write(self.home.join(".aws/credentials"), profiles.collect::<String>())?)
    }
}
