//! Who isn't there in the scene and whom `oarlock apply` waits for: the workloads' controllers, and Argo CD's.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::Result;
use serde_json::{Value, json};

use crate::e2e::{argocd, kubectl::Kubectl};

pub(super) const EMULATED: &str =
    "restarts and Argo CD's looking at its Applications (their status is written as their controllers would)";

const BETWEEN: Duration = Duration::from_millis(300);

/// Plays until it is dropped.
pub(super) struct Player {
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Player {
    pub(super) fn start(hub: Kubectl) -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let own = Arc::clone(&ends);
        let thread = thread::spawn(move || {
            while !own.load(Ordering::Relaxed) {
                // What fails is tried again; if it always does, whoever waits for it says so.
                let _ = play(&hub);
                thread::sleep(BETWEEN);
            }
        });
        Self { ends, thread: Some(thread) }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn play(hub: &Kubectl) -> Result<()> {
    for kind in ["statefulsets", "deployments"] {
        for workload in hub.list(kind, "")? {
            let number = |pointer: &str| workload.pointer(pointer).and_then(Value::as_i64);
            let generation = number("/metadata/generation");
            if number("/status/observedGeneration") != generation {
                let status = json!({ "status": {
                    "observedGeneration": generation, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1,
                } });
                roll_out(hub, kind, &workload, &status)?;
            }
        }
    }
    for application in hub.list("applications", "")? {
        argocd::say_compared(hub, named(&application))?;
    }
    Ok(())
}

fn roll_out(hub: &Kubectl, kind: &str, workload: &Value, status: &Value) -> Result<()> {
    let (name, status) = (named(workload), status.to_string());
    let arguments = ["patch", kind, name, "--namespace", argocd::NAMESPACE, "--subresource=status"];
    hub.run(&[&arguments[..], &["--type=merge", "--patch", &status]].concat()).map(drop)
}

fn named(object: &Value) -> &str {
    object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}
