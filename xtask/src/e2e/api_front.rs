//! What stands before an API server, where calls to it go wrong: `tests/e2e/aws-front --api-server`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;

use super::{apiserver::ApiServer, faults, go, server::Server, suite::Ground};

/// A running one. It ends when this is dropped.
pub(super) struct ApiFront {
    /// `https://127.0.0.1:…`, for whoever comes with a token.
    pub(super) url: String,
    /// The file with its certificate authority.
    pub(super) ca: PathBuf,
    recording: PathBuf,
    faults: PathBuf,
    _server: Server,
}

#[derive(Deserialize)]
struct Ready {
    endpoint: String,
    ca: PathBuf,
    recording: PathBuf,
}

impl ApiFront {
    /// Starts one in a folder of its own below the suite's.
    pub(super) fn start(ground: &Ground<'_>, name: &str, api: &ApiServer) -> Result<Self> {
        Self::start_limited(ground, name, api, None)
    }

    /// The same, with a file that says how often may be asked (`tests/e2e/aws-front/limits.go`).
    pub(super) fn start_limited(
        ground: &Ground<'_>,
        name: &str,
        api: &ApiServer,
        limits: Option<&Path>,
    ) -> Result<Self> {
        let folder = ground.folder.join(format!("{name}-front"));
        fs::create_dir_all(&folder)?;
        let faults = folder.join("faults.json");
        fs::write(&faults, "[]")?;
        let mut command = Command::new(go::program(ground.workspace, "aws-front")?);
        command.arg("--api-server").arg(&api.url).arg("--api-server-ca").arg(&api.ca);
        command.arg("--dir").arg(&folder).arg("--faults").arg(&faults);
        if let Some(limits) = limits {
            command.arg("--limits").arg(limits);
        }
        let (server, ready) = Server::start::<Ready>("aws-front", &mut command, &folder)?;
        let Ready { endpoint: url, ca, recording } = ready;
        Ok(Self { url, ca, recording, faults, _server: server })
    }

    /// From now on this goes wrong, as `tests/e2e/aws-front/faults.go` reads it; an action is, for example, `PATCH clusterroles`.
    pub(super) fn goes_wrong(&self, faults: &[Value]) -> Result<()> {
        faults::write(&self.faults, faults)
    }

    /// What went wrong so far, by kind and call.
    pub(super) fn faults(&self) -> Result<BTreeMap<String, usize>> {
        Ok(faults::met(&self.calls()?))
    }

    /// What was asked so far.
    pub(super) fn calls(&self) -> Result<Vec<Value>> {
        faults::calls(&self.recording)
    }
}
