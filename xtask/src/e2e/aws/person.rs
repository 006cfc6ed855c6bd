//! Somebody at a shell with the AWS CLI, kubectl and Oarlock, who has credentials for every account.

use std::{
    env,
    fmt::Write as _,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    rc::Rc,
};

use anyhow::{Context, Result, bail};

use super::cli::AwsCli;
use crate::{
    e2e::{python::Tools, suite::Ground},
    process,
};

/// What the commands run with.
pub(in crate::e2e) struct Person<'a> {
    ground: &'a Ground<'a>,
    tools: &'a Tools,
    cli: Rc<AwsCli>,
    folder: PathBuf,
    endpoint: String,
    kubeconfig: Option<PathBuf>,
    accounts: Vec<String>,
}

impl<'a> Person<'a> {
    /// With a profile of the AWS CLI for each account, called `account-<id>`.
    pub(in crate::e2e) fn new(
        ground: &'a Ground<'a>,
        tools: &'a Tools,
        folder: &Path,
        endpoint: &str,
        accounts: Vec<String>,
    ) -> Result<Self> {
        let cli = Rc::new(AwsCli::start(ground, tools, folder)?);
        Self {
            ground,
            tools,
            cli,
            folder: folder.to_owned(),
            endpoint: endpoint.to_owned(),
            kubeconfig: None,
            accounts,
        }
        .with_profiles()
    }

    /// The same one before another AWS API server, with no cluster.
    pub(super) fn elsewhere(&self, folder: &Path, endpoint: &str, accounts: Vec<String>) -> Result<Self> {
        let (folder, endpoint, cli) = (folder.to_owned(), endpoint.to_owned(), Rc::clone(&self.cli));
        Self { folder, endpoint, cli, kubeconfig: None, accounts, ..*self }.with_profiles()
    }

    fn with_profiles(self) -> Result<Self> {
        let profiles = self.accounts.iter().fold(String::new(), |mut text, account| {
            // The AWS CLI's format of its configuration; an account's id is its root user's key.
            let _ = writeln!(
                text,
                "[profile account-{account}]\nregion = us-east-1\naws_access_key_id = {account}\naws_secret_access_key = test"
            );
            text
        });
        fs::write(self.folder.join("aws-config"), profiles)?;
        Ok(self)
    }

    pub(in crate::e2e) fn with_kubeconfig(mut self, kubeconfig: &Path) -> Self {
        self.kubeconfig = Some(kubeconfig.to_owned());
        self
    }

    /// Runs a program in a folder of the name, which holds its stdout and stderr afterwards; its stdout.
    pub(in crate::e2e) fn run(&self, name: &str, program: &Path, arguments: &[&str]) -> Result<String> {
        self.run_to(&[0], name, program, arguments)
    }

    /// As `run`, with the statuses that are fine.
    pub(in crate::e2e) fn run_to(
        &self,
        statuses: &[i32],
        name: &str,
        program: &Path,
        arguments: &[&str],
    ) -> Result<String> {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder)?;
        let (stdout, stderr) = (folder.join("stdout"), folder.join("stderr"));
        let mut command = self.command(program);
        command.current_dir(&folder).args(arguments).stdin(Stdio::null());
        command.stdout(File::create(&stdout)?).stderr(File::create(&stderr)?);
        let status =
            command.status().with_context(|| format!("cannot start {}", process::shown(&command)))?;
        if !status.code().is_some_and(|code| statuses.contains(&code)) {
            bail!(
                "{name}: {status}\n{}\nall of it: {}",
                tail(&fs::read_to_string(&stderr)?),
                folder.display()
            );
        }
        Ok(fs::read_to_string(stdout)?)
    }

    /// A program that finds the servers of this test and no others.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let path = env::var_os("PATH").unwrap_or_default();
        let bins = [self.cli.bin(), self.tools.bin.clone()].into_iter().chain(env::split_paths(&path));
        if let Ok(path) = env::join_paths(bins) {
            command.env("PATH", path);
        }
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_CONFIG_FILE", self.folder.join("aws-config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.folder.join("no-credentials"))
            .env("AWS_EC2_METADATA_DISABLED", "true")
            // The AWS CLI prints times of this zone.
            .env("TZ", "UTC")
            // Fields of objects that others made are taken over, as the plan says.
            .env("OARLOCK_FORCE_CONFLICTS", "1")
            .env("KUBECONFIG", self.kubeconfig.as_deref().unwrap_or(Path::new("/dev/null")));
        for account in &self.accounts {
            command.env(format!("OARLOCK_PROFILE_{account}"), format!("account-{account}"));
            command.env(format!("AWS_PROFILE_{account}"), format!("account-{account}"));
        }
        command
    }

    /// The repository's file of this path.
    pub(in crate::e2e) fn repository(&self, path: &str) -> PathBuf {
        self.ground.workspace.root.join(path)
    }

    /// Its folder, for what `run` leaves there.
    pub(in crate::e2e) fn folder(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines.iter().skip(lines.len().saturating_sub(30)).copied().collect::<Vec<_>>().join("\n")
}
