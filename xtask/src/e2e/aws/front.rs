//! The AWS API server, behind the front that records, refuses and completes: `tests/e2e/aws-front`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    e2e::{go, python, server::Server, suite::Ground},
    process,
};

/// A running AWS API server. It ends when this is dropped.
pub(in crate::e2e) struct Aws {
    /// For `AWS_ENDPOINT_URL`.
    pub(in crate::e2e) endpoint: String,
    /// For `HTTPS_PROXY`: through it STS's own addresses lead here.
    #[expect(dead_code, reason = "the suite about tokens uses it")]
    pub(in crate::e2e) proxy: String,
    /// The certificate authority of what the proxy shows, for `SSL_CERT_FILE`.
    #[expect(dead_code, reason = "the suite about tokens uses it")]
    pub(in crate::e2e) ca: PathBuf,
    recording: PathBuf,
    server: Server,
}

/// One call to AWS, as the front wrote it down.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::e2e) struct Call {
    pub(in crate::e2e) service: String,
    pub(in crate::e2e) action: String,
    #[serde(default)]
    pub(in crate::e2e) parameters: Map<String, Value>,
    /// Whether it changes nothing.
    pub(in crate::e2e) reads: bool,
    pub(in crate::e2e) status: u16,
}

/// Something that the front does in the server's place.
#[derive(Debug, Deserialize)]
pub(in crate::e2e) struct Emulated {
    service: String,
    actions: Vec<String>,
    /// `refused`, `answered` or `completed`.
    kind: String,
    what: String,
}

#[derive(Deserialize)]
struct Ready {
    endpoint: String,
    recording: PathBuf,
    proxy: String,
    ca: PathBuf,
}

impl Aws {
    /// Starts one in a folder of its own. `clusters` is a file with what EKS decides about clusters.
    pub(in crate::e2e) fn start(ground: &Ground<'_>, folder: &Path, clusters: &Path) -> Result<Self> {
        let mut command = Command::new(go::program(ground.workspace, "aws-front")?);
        command.arg("--upstream").arg(python::tools(ground.workspace)?.ministack);
        command.arg("--clusters").arg(clusters);
        Self::started(&mut command, folder)
    }

    /// Starts moto, which knows IAM only in as far as one account goes, and lets it answer alone.
    pub(in crate::e2e) fn start_moto(ground: &Ground<'_>, folder: &Path, account: &str) -> Result<Self> {
        let mut command = Command::new(go::program(ground.workspace, "aws-front")?);
        command.arg("--upstream").arg(python::tools(ground.workspace)?.moto_server).arg("--as-is");
        command.env("MOTO_ACCOUNT_ID", account).env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true");
        Self::started(&mut command, folder)
    }

    fn started(command: &mut Command, folder: &Path) -> Result<Self> {
        command.arg("--dir").arg(folder);
        let (server, Ready { endpoint, recording, proxy, ca }) = Server::start("aws-front", command, folder)?;
        Ok(Self { endpoint, proxy, ca, recording, server })
    }

    /// All calls up to now.
    pub(in crate::e2e) fn calls(&self) -> Result<Vec<Call>> {
        let text = fs::read_to_string(&self.recording)?;
        text.lines()
            .map(|line| serde_json::from_str(line).with_context(|| format!("the front wrote `{line}`")))
            .collect()
    }

    /// Where it says what goes wrong.
    pub(in crate::e2e) fn log(&self) -> &Path {
        self.server.log()
    }
}

/// What the front does in the server's place, and so nobody has proven.
pub(in crate::e2e) fn emulated(ground: &Ground<'_>) -> Result<Vec<Emulated>> {
    let printed = process::output(Command::new(go::program(ground.workspace, "aws-front")?).arg("--list"))?;
    let text = String::from_utf8(printed)?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}:{} {}", self.status, self.service, self.action, Value::from(self.parameters.clone()))
    }
}

impl std::fmt::Display for Emulated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { service, actions, kind, what } = self;
        write!(f, "{kind} {service} {}: {what}", actions.join(", "))
    }
}
