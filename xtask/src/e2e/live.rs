//! A live API server, asked by `tests/e2e/rbac-oracle`.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use rbac::Policy;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{apiserver::ApiServer, go, ours, server::Server, suite::Ground};

/// How long many questions may take.
const WITHIN: Duration = Duration::from_secs(300);

/// How long the controller may take to aggregate ClusterRoles.
const SETTLES_WITHIN: Duration = Duration::from_secs(60);

/// An API server and who asks it.
pub(super) struct Live {
    oracle: Server,
    /// It ends after the oracle.
    _apiserver: ApiServer,
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
    /// Starts both, and waits until `admin`, `edit` and `view` are aggregated. `flags` are kube-apiserver's own.
    pub(super) fn start(ground: &Ground<'_>, flags: &[String]) -> Result<Self> {
        let program = go::program(ground.workspace, "rbac-oracle")?;
        let apiserver = ApiServer::start(ground, "cluster", &[], flags)?;
        let mut command = Command::new(program);
        command.arg("--kubeconfig").arg(&apiserver.kubeconfig);
        let (oracle, _ready) = Server::start::<Value>("rbac-oracle", &mut command, &ground.folder)?;
        let mut live = Self { oracle, _apiserver: apiserver };
        live.settled()?;
        Ok(live)
    }

    /// The policy that the server has, once its controller has aggregated all ClusterRoles as we do.
    pub(super) fn settled(&mut self) -> Result<Policy> {
        let deadline = Instant::now() + SETTLES_WITHIN;
        loop {
            let objects: Value = self.oracle.ask(&json!({ "objects": {} }), WITHIN)?;
            let policy = ours::policy(&objects)?;
            let differing = ours::aggregated_otherwise(&objects, &policy)?;
            if differing.is_empty() {
                return Ok(policy);
            }
            if Instant::now() > deadline {
                let seconds = SETTLES_WITHIN.as_secs();
                bail!("after {seconds} s the rules of {differing:?} are not as we aggregate them: {objects}");
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Puts a policy in the place of the one before.
    pub(super) fn adopt(&mut self, policy: &Value) -> Result<Adopted> {
        let Answer { refused, objects } = self.oracle.ask(&json!({ "policy": policy }), WITHIN)?;
        Ok(Adopted { policy: ours::policy(&objects)?, refused, objects })
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
