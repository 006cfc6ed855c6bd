//! A case brought to life: a hub with Argo CD's objects, the cluster with the plan's, and Argo CD's controller between them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use ::argocd::Glob;
use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{
    case::{Case, Deployed},
    definitions::manifests,
};
use crate::e2e::{
    apiserver::{ApiServer, Token},
    argocd::{self, Controller},
    audit,
    kubectl::Kubectl,
    python,
    suite::Ground,
};

/// Servers and Argo CD for one case. All of it ends when this is dropped.
pub(in crate::e2e) struct Scene<'c> {
    pub(in crate::e2e) case: &'c Case,
    pub(in crate::e2e) argocd: Controller,
    /// As administrator of the cluster.
    pub(in crate::e2e) cluster: Kubectl,
    /// As administrator of the hub.
    pub(in crate::e2e) hub: Kubectl,
    pub(in crate::e2e) audit: audit::Reader,
    /// The manifests of each Application, as Argo CD reads them: a copy that may be changed.
    sources: BTreeMap<String, PathBuf>,
    server: ApiServer,
    /// None where the hub itself is the destination.
    hub_server: Option<ApiServer>,
}

impl<'c> Scene<'c> {
    pub(in crate::e2e) fn set(ground: &Ground<'_>, case: &'c Case) -> Result<Self> {
        let folder = ground.folder.join(case.name.replace('/', "-"));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let program = python::tools(ground.workspace)?.kubectl;
        let tokens = [case.controller.clone(), case.argocd_server.clone()];
        let relative = |name: &str| format!("{}/{name}", case.name.replace('/', "-"));
        let server = ApiServer::start(ground, &relative("cluster"), &tokens, &[])?;
        let hub_server = match &case.secret {
            Some(_) => Some(ApiServer::start(ground, &relative("hub"), &[], &[])?),
            None => None,
        };
        let hub = hub_server.as_ref().unwrap_or(&server);
        let on_cluster = Kubectl::new(&program, &server.kubeconfig);
        let on_hub = Kubectl::new(&program, &hub.kubeconfig);
        let moved = |object: &Value| moved(object, case, &server);
        let settings = serde_json::from_value(moved(&json!(case.settings))?)?;
        on_hub.apply("installation", &argocd::installation(ground, &settings)?)?;
        on_hub.established()?;
        on_cluster.apply("somebody", &case.there)?;
        on_cluster.apply("oarlock", &case.planned)?;
        if let Some(secret) = &case.secret {
            on_hub.apply("oarlock", &[with_token(moved(secret)?, &server, &case.controller)?])?;
        }
        for (manager, projects) in [("people", &case.projects), ("oarlock", &case.planned_projects)] {
            on_hub.apply(manager, &projects.iter().map(moved).collect::<Result<Vec<_>>>()?)?;
        }
        let sources = sources(&folder.join("sources"), &case.applications)?;
        let in_cluster = case.secret.is_none().then(|| server.kubeconfig_of(&case.controller)).transpose()?;
        let argocd_server = json!({
            "server": server.url, "token": case.argocd_server.token, "ca": base64(&fs::read(&server.ca)?),
        });
        let kubeconfig = &hub.kubeconfig;
        let argocd = Controller::start(
            ground,
            &folder,
            kubeconfig,
            &sources,
            &argocd_server,
            in_cluster.as_deref(),
            None,
        )?;
        let applications: Vec<Value> =
            case.applications.iter().map(|app| moved(&app.object)).collect::<Result<_>>()?;
        let audit = audit::Reader::new(&server.audit);
        let scene =
            Self { case, argocd, cluster: on_cluster, hub: on_hub, audit, sources, server, hub_server };
        scene.hub.apply("people", &applications)?;
        Ok(scene)
    }

    /// Makes an Application's source empty.
    pub(in crate::e2e) fn empty(&self, app: &Deployed) -> Result<()> {
        for file in manifests(self.source(app)?)? {
            fs::remove_file(file)?;
        }
        Ok(())
    }

    /// Makes an Application's source what it was.
    pub(in crate::e2e) fn refill(&self, app: &Deployed) -> Result<()> {
        copy(&app.manifests, self.source(app)?)
    }

    /// Keeps Argo CD from syncing an Application by itself.
    pub(in crate::e2e) fn pause(&self, app: &Deployed) -> Result<()> {
        let patch = r#"{"spec":{"syncPolicy":{"automated":null}}}"#;
        let arguments =
            ["patch", "application", &app.name, "-n", argocd::NAMESPACE, "--type", "merge", "-p", patch];
        self.hub.run(&arguments).map(drop)
    }

    /// Lets it again, if the Application wants it.
    pub(in crate::e2e) fn resume(&self, app: &Deployed) -> Result<()> {
        self.hub.apply("people", &[moved(&app.object, self.case, &self.server)?])
    }

    fn source(&self, app: &Deployed) -> Result<&Path> {
        Ok(self.sources.get(&app.name).with_context(|| format!("{} has no source", app.name))?)
    }

    /// Where the servers say what goes wrong.
    pub(in crate::e2e) fn logs(&self) -> String {
        let servers =
            [Some(&self.server), self.hub_server.as_ref()].into_iter().flatten().map(ApiServer::log);
        let logs = servers.chain([self.argocd.log()]).map(|log| log.display().to_string());
        logs.collect::<Vec<_>>().join(", ")
    }
}

/// The fleet's objects know a cluster by a URL, only by its host, or by a pattern; here it is at another. The hub's own URL stays
/// the same, but it isn't at the usual port.
fn moved(object: &Value, case: &Case, server: &ApiServer) -> Result<Value> {
    if case.secret.is_none() {
        let text = object.to_string().replace("https://[0-9]*:443", "https://[0-9]*");
        let mut object = serde_json::from_str(&text)?;
        also_at(&mut object, &case.server, &server.url);
        return Ok(object);
    }
    let mut object = object.clone();
    for list in ["destinations", "destinationServiceAccounts"] {
        let entries = object.pointer_mut(&format!("/spec/{list}")).and_then(Value::as_array_mut);
        for url in entries.into_iter().flatten().filter_map(|entry| entry.get_mut("server")) {
            let pattern = url.as_str().unwrap_or_default();
            if pattern.contains('*') && Glob::new(pattern)?.is_match(&case.server) {
                *url = json!(server.url);
            }
        }
    }
    let host = |url: &str| url.trim_start_matches("https://").to_owned();
    let text = object.to_string().replace(&case.server, &server.url);
    Ok(serde_json::from_str(&text.replace(&host(&case.server), &host(&server.url)))?)
}

/// Whom an AppProject lets Argo CD be at the hub's own URL it lets it be at another, too. In production both programs know the hub by
/// that URL; here it leads to the controller's credentials, so argocd-server goes by the other.
fn also_at(project: &mut Value, own: &str, other: &str) {
    let accounts = project.pointer_mut("/spec/destinationServiceAccounts").and_then(Value::as_array_mut);
    let Some(accounts) = accounts else { return };
    // One next to the other, since the first that matches counts.
    for account in std::mem::take(accounts) {
        let mut elsewhere = account.clone();
        accounts.push(account);
        if let Some(url) = elsewhere.get_mut("server").filter(|url| *url == own) {
            *url = json!(other);
            accounts.push(elsewhere);
        }
    }
}

/// Argo CD's credentials for the cluster are a token here; how a token comes from IAM is the suite `tokens`.
pub(in crate::e2e) fn with_token(mut secret: Value, server: &ApiServer, token: &Token) -> Result<Value> {
    let ca = fs::read(&server.ca)?;
    let config = json!({
        "bearerToken": token.token,
        "tlsClientConfig": { "insecure": false, "caData": base64(&ca) },
    });
    let data =
        secret.get_mut("stringData").and_then(Value::as_object_mut).context("a Secret without data")?;
    data.insert("config".to_owned(), Value::String(config.to_string()));
    data.insert("server".to_owned(), Value::String(server.url.clone()));
    Ok(secret)
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Copies of the manifests: a folder, or one file, for each Application.
fn sources(folder: &Path, applications: &[Deployed]) -> Result<BTreeMap<String, PathBuf>> {
    let mut sources = BTreeMap::new();
    for app in applications {
        let source = folder.join(&app.name);
        copy(&app.manifests, &source)?;
        sources.insert(app.name.clone(), source);
    }
    Ok(sources)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for file in manifests(from)? {
        let name = file.file_name().context("a file without name")?;
        fs::copy(&file, to.join(name))?;
    }
    Ok(())
}
