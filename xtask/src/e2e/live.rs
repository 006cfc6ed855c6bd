//! A live API server, asked by `tests/e2e/rbac-oracle`.

use std::{process::Command, time::Duration};

use anyhow::{Result, bail};
use rbac::Policy;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{apiserver::ApiServer, go, ours, server::Server, suite::Ground};

/// How long many questions may take.
const WITHIN: Duration = Duration::from_secs(300);

/// An API server and who asks it.
pub(super) struct Live {
    oracle: Server,
    apiserver: ApiServer,
}

/// A policy as the server has it, beside Kubernetes' own objects.
pub(super) struct Adopted {
    pub(super) policy: Policy,
    /// How many objects the server's validation refused: they are on neither side.
    pub(super) refused: u64,
    pub(super) objects: Value,
}

#[derive(Deserialize)]
struct Answer {
    refused: u64,
    objects: Value,
}

impl Live {
    /// Starts both. `flags` are kube-apiserver's own.
    pub(super) fn start(ground: &Ground<'_>, flags: &[String]) -> Result<Self> {
        let program = go::program(ground.workspace, "rbac-oracle")?;
        let apiserver = ApiServer::start(ground, "cluster", &[], flags)?;
        let mut command = Command::new(program);
        command.arg("--kubeconfig").arg(&apiserver.kubeconfig);
        let (oracle, _ready) = Server::start::<Value>("rbac-oracle", &mut command, &ground.folder)?;
        Ok(Self { oracle, apiserver })
    }

    /// Puts a policy in the place of the one before.
    pub(super) fn adopt(&mut self, policy: &Value) -> Result<Adopted> {
        let Answer { refused, objects } = self.oracle.ask(&json!({ "policy": policy }), WITHIN)?;
        Ok(Adopted { policy: ours::policy(&objects)?, refused, objects })
    }

    /// All RBAC objects that the server has now.
    pub(super) fn objects(&mut self) -> Result<Value> {
        self.oracle.ask(&json!({ "objects": {} }), WITHIN)
    }

    /// Asks several questions at once.
    pub(super) fn ask(&mut self, questions: &[Value]) -> Result<Vec<Value>> {
        let answers: Vec<Value> = self.oracle.ask(&json!({ "all": questions }), WITHIN)?;
        if answers.len() != questions.len() {
            bail!("{} questions were answered by {} answers", questions.len(), answers.len());
        }
        Ok(answers)
    }
}
