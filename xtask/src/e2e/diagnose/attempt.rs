//! What is tried, and what Argo CD, kubectl or the AWS CLI say of it.

use std::{
    collections::BTreeMap,
    fs,
    process::{Command, Output},
};

use anyhow::{Context, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{
    furnish::DEPLOYER,
    scene::{CONTROLLER, Scene},
};
use crate::{
    e2e::argocd::{self, Controller},
    process,
};

/// Something that works where nothing is broken.
#[derive(Clone, Copy, Debug)]
pub(super) enum Attempt {
    /// Argo CD syncs its Application with this source; the error is the Application.
    Sync(&'static str),
    /// The same, where Argo CD's client for tokens fails: the Application says only that it did.
    Masked(&'static str),
    /// The same; the error is the controller's log.
    Log(&'static str),
    /// `argocd-k8s-auth` in a pod of this service account.
    Token(&'static str),
    /// kubectl with Argo CD's token for the spoke.
    Kubectl(&'static [&'static str]),
    /// The AWS CLI in a pod of this service account.
    Aws(&'static str, &'static [&'static str]),
}

/// None where it works, else what there is to diagnose.
pub(super) type Error = Option<String>;

impl Attempt {
    /// Whether it takes Argo CD's client its minute to give up.
    pub(super) fn is_slow(self) -> bool {
        matches!(self, Self::Masked(_) | Self::Log(_) | Self::Token(_))
    }

    /// Which cluster whoever asks has in mind, where the error can't say it.
    pub(super) fn cluster(self) -> Option<&'static str> {
        matches!(self, Self::Kubectl(_)).then_some("spoke")
    }

    pub(super) fn run(self, scene: &Scene<'_>) -> Result<Error> {
        match self {
            Self::Sync(source) | Self::Masked(source) => {
                Ok(scene.sync(source)?.map(|(application, _)| application))
            }
            Self::Log(source) => Ok(scene.sync(source)?.map(|(_, log)| log)),
            Self::Token(account) => {
                let mut command = scene.aws.k8s_auth(&scene.pod(account)?, scene.region.get());
                command.args(["aws", "--cluster-name", "spoke", "--role-arn", DEPLOYER]);
                said(&mut command)
            }
            Self::Kubectl(arguments) => {
                let token =
                    scene.aws.token(&scene.pod(CONTROLLER)?, scene.region.get(), "spoke", Some(DEPLOYER))?;
                Ok(error(scene.spoke.kubectl(Some(&token), arguments)?))
            }
            Self::Aws(account, arguments) => {
                let mut command = scene.aws.environment.command("aws", scene.region.get());
                // It keeps the credentials of a role in its home, where a pod that starts now has none.
                command.env("HOME", scene.folder()?).envs(scene.pod(account)?).args(arguments);
                said(&mut command)
            }
        }
    }
}

impl Scene<'_> {
    /// Restarts Argo CD and lets it sync: the Application as kubectl prints it, and the controller's log, where it fails.
    fn sync(&self, source: &str) -> Result<Option<(String, String)>> {
        let folder = self.folder()?;
        let plugins = self.aws.plugins(&folder, &self.pod(CONTROLLER)?, self.region.get())?;
        let source = self.ground.workspace.root.join("tests/e2e/diagnose/sources").join(source);
        let sources = BTreeMap::from([("payments".to_owned(), source)]);
        // What argocd-server does by itself isn't tried.
        let api = self.spoke.api();
        let server = json!({ "server": api.url, "token": "none", "ca": STANDARD.encode(fs::read(&api.ca)?) });
        let hub = &self.hub.api().kubeconfig;
        let mut argocd =
            Controller::start(self.ground, &folder, hub, &sources, &server, None, Some(&plugins))?;
        if argocd.syncs("payments")? {
            return Ok(None);
        }
        let application =
            self.on_hub().run(&["get", "application", "payments", "-n", argocd::NAMESPACE, "-o", "json"])?;
        Ok(Some((application, fs::read_to_string(argocd.log())?)))
    }
}

fn said(command: &mut Command) -> Result<Error> {
    let output = command.output().with_context(|| format!("cannot start {}", process::shown(command)))?;
    Ok(error(output))
}

fn error(output: Output) -> Error {
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}
