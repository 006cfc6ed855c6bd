//! Argo CD's own code: `tests/e2e/argocd`, and what it needs on its hub.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{go, kubectl::Kubectl, server::Server, suite::Ground};
use crate::process;

/// Argo CD's own namespace on each hub.
pub(super) const NAMESPACE: &str = "argocd";

/// How long a command may take in Argo CD, where nothing else is said.
const WITHIN: Duration = Duration::from_secs(60);

/// How long a sync may take: Argo CD's client for tokens tries for a minute, and Argo CD more than once.
const SYNCS_WITHIN: Duration = Duration::from_secs(300);
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// A running application controller. It ends when this is dropped.
pub(super) struct Controller {
    server: Server,
    /// Where the kubectl in it keeps what API servers told it.
    kept: PathBuf,
}

/// How it is with an Application.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct State {
    pub(super) error: Option<String>,
    pub(super) gone: bool,
    pub(super) timed_out: bool,
    pub(super) sync: String,
    pub(super) health: String,
    pub(super) operation: Option<Operation>,
    pub(super) conditions: Vec<Condition>,
    pub(super) resources: Vec<Resource>,
    pub(super) tree: Vec<Resource>,
}

/// The last sync.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Operation {
    pub(super) phase: String,
    pub(super) started_at: String,
    pub(super) message: String,
    pub(super) sync_result: SyncResult,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SyncResult {
    pub(super) resources: Vec<Resource>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Condition {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) message: String,
}

/// One object, of a tree, of a status or of a sync's result.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Resource {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) uid: String,
    /// Those that it was made by, in a tree.
    #[serde(rename = "parentRefs")]
    pub(super) parents: Vec<Value>,
    pub(super) status: Option<String>,
    pub(super) message: Option<String>,
}

impl Controller {
    /// Starts one, with an identity on its hub, for Applications whose sources are these folders or files. Variables of the
    /// environment are those that Argo CD documents. `argocd_server` says how that gets to the cluster: URL, token and CA.
    /// Programs that cluster Secrets name are found in the folder `plugins`.
    pub(super) fn start(
        ground: &Ground<'_>,
        folder: &Path,
        kubeconfig: &Path,
        manifests: &BTreeMap<String, PathBuf>,
        argocd_server: &Value,
        in_cluster: Option<&Path>,
        plugins: Option<&Path>,
    ) -> Result<Self> {
        let program = go::program(ground.workspace, "argocd")?;
        let config = folder.join("argocd.json");
        let contents = json!({
            "kubeconfig": kubeconfig, "namespace": NAMESPACE, "manifests": manifests, "server": argocd_server,
        });
        fs::write(&config, contents.to_string())?;
        let mut command = Command::new(program);
        let kept = folder.join("kubectl-cache");
        command.arg("controller").arg("--config").arg(&config).env("ARGOCD_SYNC_WAVE_DELAY", "0");
        command.env("KUBECACHEDIR", &kept);
        // Where it deploys to its own cluster, it finds that by a kubeconfig instead of its pod's token.
        if let Some(kubeconfig) = in_cluster {
            command.env("ARGOCD_FAKE_IN_CLUSTER", "true").env("KUBECONFIG", kubeconfig);
        }
        if let Some(plugins) = plugins {
            command.env("PATH", plugins);
        }
        let (server, _) = Server::start::<Value>("argocd", &mut command, folder)?;
        Ok(Self { server, kept })
    }

    /// Makes kubectl read discovery and schemas anew, as in a pod that has just started: whoever comes first reads them for all
    /// others (k8s.io/cli-runtime, pkg/genericclioptions/config_flags.go, getDefaultCacheDir).
    pub(super) fn forget(&self) -> Result<()> {
        let old = self.kept.with_extension("old");
        // It may be writing there, and makes what is missing.
        match fs::rename(&self.kept, &old) {
            Ok(()) => Ok(fs::remove_dir_all(old)?),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Tells it something about an Application; what comes back is how it is afterwards, or when time was up.
    pub(super) fn tell(&mut self, op: &str, app: &str, more: Value) -> Result<State> {
        let mut command = json!({ "op": op, "app": app, "timeoutSeconds": WITHIN.as_secs() });
        if let (Some(command), Value::Object(more)) = (command.as_object_mut(), more) {
            command.extend(more);
        }
        let state: State = self.server.ask(&command, WITHIN * 2)?;
        match &state.error {
            Some(error) => bail!("argocd {op} {app}: {error}"),
            None => Ok(state),
        }
    }

    /// Syncs an Application, and waits for the end of it: whether it succeeded.
    pub(super) fn syncs(&mut self, app: &str) -> Result<bool> {
        let deadline = Instant::now() + SYNCS_WITHIN;
        let mut state = self.tell("sync", app, json!({}))?;
        loop {
            match state.operation.as_ref().map(|own| own.phase.as_str()) {
                Some("Succeeded") => return Ok(true),
                Some("Failed" | "Error") => return Ok(false),
                _ if Instant::now() > deadline => bail!("the sync of {app} doesn't end: {state}"),
                _ => thread::sleep(BETWEEN_LOOKS),
            }
            state = self.tell("state", app, json!({}))?;
        }
    }

    /// Makes argocd-server do what a click on one object does. Whether it worked is the answer's business: there are no
    /// containers, so logs and shells always fail, after they were authorized.
    pub(super) fn click(&mut self, op: &str, app: &str, resource: &Resource, more: Value) -> Result<Value> {
        let Resource { group, version, kind, namespace, name, uid, .. } = resource;
        let mut command = json!({
            "op": op, "app": app, "timeoutSeconds": WITHIN.as_secs(), "group": group, "version": version, "kind": kind,
            "objectNamespace": namespace, "name": name, "uid": uid,
        });
        if let (Some(command), Value::Object(more)) = (command.as_object_mut(), more) {
            command.extend(more);
        }
        self.server.ask(&command, WITHIN * 2)
    }

    pub(super) fn log(&self) -> &Path {
        self.server.log()
    }
}

/// What Argo CD's installation makes before anybody gives it anything to do.
pub(super) fn installation(ground: &Ground<'_>, settings: &BTreeMap<String, String>) -> Result<Vec<Value>> {
    let mut objects = Vec::new();
    let folder =
        go::module(ground.workspace, "argocd", "github.com/argoproj/argo-cd/v3")?.join("manifests/crds");
    for name in ["application-crd.yaml", "applicationset-crd.yaml", "appproject-crd.yaml"] {
        objects.push(serde_saphyr::from_str(&fs::read_to_string(folder.join(name))?)?);
    }
    objects.push(json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } }));
    let part_of = json!({ "app.kubernetes.io/part-of": "argocd" });
    let metadata = |name| json!({ "name": name, "namespace": NAMESPACE, "labels": part_of });
    objects.push(json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata("argocd-cm"), "data": settings }));
    objects.push(json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": metadata("argocd-secret"),
        "stringData": { "server.secretkey": "only for tests" },
    }));
    Ok(objects)
}

/// Writes what Argo CD's controller does after it has compared an Application with its cluster, where no controller runs.
pub(super) fn say_compared(hub: &Kubectl, application: &str) -> Result<()> {
    // As Kubernetes writes times.
    let now = String::from_utf8(process::output(Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]))?)?;
    let status = json!({ "status": { "reconciledAt": now.trim(), "sync": { "status": "Synced" } } });
    let (kind, status) = ("application.argoproj.io", status.to_string());
    hub.run(&["patch", kind, application, "--namespace", NAMESPACE, "--type=merge", "--patch", &status])
        .map(drop)
}

impl Resource {
    /// Whether both are the same object.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.who() == other.who()
    }

    fn who(&self) -> [&str; 4] {
        [&self.group, &self.kind, &self.namespace, &self.name]
    }
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { group, kind, namespace, name, .. } = self;
        let dot = if group.is_empty() { "" } else { "." };
        let slash = if namespace.is_empty() { "" } else { "/" };
        write!(f, "{kind}{dot}{group} {namespace}{slash}{name}")
    }
}

impl std::fmt::Display for State {
    /// What went wrong, for people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let timed_out = if self.timed_out { ", timed out" } else { "" };
        writeln!(f, "sync {}, health {}{timed_out}", self.sync, self.health)?;
        if let Some(operation) = &self.operation {
            writeln!(f, "  operation {}: {}", operation.phase, operation.message)?;
            let bad =
                |resource: &&Resource| !["Synced", "Pruned"].map(Some).contains(&resource.status.as_deref());
            for resource in operation.sync_result.resources.iter().filter(bad) {
                let [status, message] =
                    [&resource.status, &resource.message].map(|text| text.as_deref().unwrap_or(""));
                writeln!(f, "    {resource}: {status} {message}")?;
            }
        }
        self.conditions
            .iter()
            .try_for_each(|condition| writeln!(f, "  {}: {}", condition.kind, condition.message))
    }
}
