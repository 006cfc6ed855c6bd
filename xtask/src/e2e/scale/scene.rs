//! The servers of a fleet, with limits before them, and who collects and applies.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    asked::Recordings,
    fleet::{self, HUB, Size},
};
use crate::e2e::{
    api_front::ApiFront,
    aws::{
        clusters::{self, Clusters},
        cycle, text,
    },
    faults,
    server::Server,
    suite::Ground,
    tokens::{
        aws::{Aws, Credentials},
        cluster::Arn,
    },
};

/// So many API servers stand for all spokes.
const STANDING_FOR_ALL: usize = 2;

pub(super) struct Scene {
    aws: Aws,
    fronts: Vec<ApiFront>,
    kubeconfig: PathBuf,
    oarlock: PathBuf,
    folder: PathBuf,
    _clusters: Clusters,
    _server: Server,
}

impl Scene {
    pub(super) fn set(ground: &Ground<'_>, size: Size) -> Result<Self> {
        let folder = ground.folder.clone();
        let example = ground.examples().join("capability");
        let (inventory, servers) = (folder.join("inventory-of-aws"), folder.join("inventory-of-servers"));
        fleet::inventory(&example, size, &inventory)?;
        fleet::servers(&example, size, STANDING_FOR_ALL, &servers)?;
        let limits = folder.join("limits.json");
        fs::write(&limits, "[]")?;
        let (server, aws) = Aws::start_limited(ground, &folder, &limits)?;
        fs::write(&aws.clusters, clusters::decided(&inventory)?.to_string())?;
        aws.environment.write_profiles(&cycle::accounts(&inventory)?.into_iter().collect())?;
        let clusters = Clusters::start(ground, "servers", &servers)?;
        aws.seed(ground, &inventory)?;
        faults::write(&aws.faults, &[faults::no_organization()])?;
        let mut fronts = Vec::new();
        for (number, (_, server)) in clusters.servers().enumerate() {
            fronts.push(ApiFront::start_limited(ground, &format!("front-{number}"), server, Some(&limits))?);
        }
        let kubeconfig = kubeconfig(&clusters, &fronts, size, &folder)?;
        // Whoever set the scene asked as often as he liked.
        faults::write(&limits, &super::limits())?;
        let oarlock = ground.oarlock()?;
        Ok(Self { aws, fronts, kubeconfig, oarlock, folder, _clusters: clusters, _server: server })
    }

    /// `oarlock VERB` on a fleet file.
    pub(super) fn command(&self, verb: &str, fleet: &Path) -> Result<Command> {
        let hub = Arn::parse(HUB)?;
        let mut command = self.aws.environment.command(&self.oarlock, &hub.region);
        command.envs(Credentials::of_root(&hub.account).variables());
        command.current_dir(&self.folder).arg(verb).arg("-f").arg(fleet);
        command.args(["--profile", "{account}"]);
        command.arg(format!("--kubeconfig={}", text(&self.kubeconfig)?));
        Ok(command)
    }

    /// For what runs tell people.
    pub(super) fn log(&self) -> Result<fs::File> {
        let path = self.folder.join("oarlock.log");
        fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .with_context(|| path.display().to_string())
    }

    /// What was asked up to now.
    pub(super) fn recordings(&self) -> Result<Recordings> {
        let clusters = self.fronts.iter().map(ApiFront::calls).collect::<Result<Vec<_>>>()?;
        Recordings::of(&faults::calls(&self.aws.environment.server.recording)?, &clusters.concat())
    }
}

/// A context for each cluster: the first API server is the hub's, and the spokes take turns with the others.
fn kubeconfig(clusters: &Clusters, fronts: &[ApiFront], size: Size, folder: &Path) -> Result<PathBuf> {
    let joined: Value = serde_json::from_slice(&fs::read(&clusters.kubeconfig)?)?;
    let users = joined.get("users").and_then(Value::as_array).context("a kubeconfig without users")?;
    let (mut named, mut contexts) = (Vec::new(), Vec::new());
    let spokes = size
        .spokes()
        .into_iter()
        .enumerate()
        .map(|(number, spoke)| (1 + number % STANDING_FOR_ALL, fleet::arn(&spoke), spoke.name));
    for (server, arn, name) in [(0, HUB.to_owned(), "platform".to_owned())].into_iter().chain(spokes) {
        let front = fronts.get(server).context("a cluster without server")?;
        let user = users.get(server).and_then(|user| user.get("name")).context("a server without user")?;
        let authority = STANDARD.encode(fs::read(&front.ca)?);
        let to =
            json!({ "server": format!("{}/of/{name}", front.url), "certificate-authority-data": authority });
        named.push(json!({ "name": arn, "cluster": to }));
        contexts.push(json!({ "name": arn, "context": { "cluster": arn, "user": user } }));
    }
    let all = json!({ "apiVersion": "v1", "kind": "Config", "clusters": named, "users": users, "contexts": contexts });
    let path = folder.join("kubeconfig.json");
    fs::write(&path, all.to_string())?;
    Ok(path)
}
