//! The AWS CLI for scripts that start it hundreds of times: `tests/e2e/python/aws_server.py`.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;
use serde_json::Value;
use tempfile::TempDir;

use crate::e2e::{python::Tools, server::Server, suite::Ground, tokens::shell::quoted};

/// A loaded AWS CLI. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct AwsCli {
    /// Holds its `aws` and its socket, whose path may not be long.
    folder: TempDir,
    _server: Server,
}

impl AwsCli {
    /// Loads it; what it logs is in the folder.
    pub(super) fn start(ground: &Ground<'_>, tools: &Tools, log: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let scripts = ground.workspace.root.join("tests/e2e/python");
        let socket = folder.path().join("socket");
        let mut server = Command::new(&tools.python);
        server.arg(scripts.join("aws_server.py")).arg(&socket);
        let (server, _) = Server::start::<Value>("aws-cli", &mut server, log)?;
        let aws = [&tools.python, &scripts.join("aws_client.py"), &socket];
        let [python, client, socket] = aws.map(|path| quoted(&path.to_string_lossy()));
        // Without its packages Python starts in a third of the time.
        let script = format!("#!/bin/sh\nexec {python} -I -S {client} {socket} \"$@\"\n");
        let aws = folder.path().join("aws");
        fs::write(&aws, script)?;
        fs::set_permissions(&aws, Permissions::from_mode(0o755))?;
        Ok(Self { folder, _server: server })
    }

    /// Where `aws` is, for the PATH.
    pub(super) fn bin(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}
