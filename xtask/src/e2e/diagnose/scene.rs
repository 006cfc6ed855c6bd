//! A hub and a spoke on which everything works (`tests/e2e/diagnose`), and Argo CD's pods between them.

use std::{cell::Cell, collections::BTreeSet, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::e2e::{
    argocd, kubeconfig,
    kubectl::Kubectl,
    suite::Ground,
    tokens::{
        aws::{Aws, Credentials, Variables},
        cluster::{Arn, Cluster},
        irsa,
        pods::{PodIdentity, ServiceAccount},
        scene::create_cluster,
    },
};

pub(super) const HUB: &str = "arn:aws:eks:eu-west-1:222233334444:cluster/hub";
pub(super) const SPOKE: &str = "arn:aws:eks:eu-west-1:555566667777:cluster/spoke";
pub(super) const REGION: &str = "eu-west-1";

pub(super) const CONTROLLER: &str = "argocd-application-controller";
pub(super) const SERVER: &str = "argocd-server";

/// Servers, and what was tried. They end when this is dropped.
pub(super) struct Scene<'a> {
    pub(super) ground: &'a Ground<'a>,
    pub(super) aws: &'a Aws,
    pub(super) hub: Cluster<'a>,
    pub(super) spoke: Cluster<'a>,
    pods: PodIdentity<'a>,
    oarlock: PathBuf,
    /// `AWS_REGION` of pods and people: empty where nobody sets it.
    pub(super) region: Cell<&'static str>,
    /// How often a folder of its own was asked for.
    folders: Cell<usize>,
}

impl<'a> Scene<'a> {
    /// Starts the servers; what is on them is `furnish`'s.
    pub(super) fn set(ground: &'a Ground<'a>, aws: &'a Aws) -> Result<Self> {
        let (hub, spoke) = (Arn::parse(HUB)?, Arn::parse(SPOKE)?);
        create_cluster(aws, &hub)?;
        create_cluster(aws, &spoke)?;
        aws.environment.write_profiles(&BTreeSet::from([hub.account.clone(), spoke.account.clone()]))?;
        let pods = PodIdentity::start(aws, &hub.account)?;
        let (hub, spoke) = (Cluster::start(ground, aws, &hub)?, Cluster::start(ground, aws, &spoke)?);
        let oarlock = ground.oarlock()?;
        let scene =
            Self { ground, aws, hub, spoke, pods, oarlock, region: Cell::new(REGION), folders: Cell::new(0) };
        scene.describe()?;
        let objects = argocd::installation(ground, &Default::default())?;
        scene.on_hub().apply("installation", &objects)?;
        scene.on_hub().established()?;
        scene.make_roles()?;
        Ok(scene)
    }

    /// What EKS would say of the clusters, and the contexts of whoever asks them.
    fn describe(&self) -> Result<()> {
        let of = |cluster: &Cluster<'_>, issuer: String| -> Result<Value> {
            let api = cluster.api();
            let authority = STANDARD.encode(fs::read(&api.ca)?);
            Ok(json!({ "endpoint": api.url, "certificateAuthority": authority, "issuer": issuer }))
        };
        let decided = json!({
            HUB: of(&self.hub, format!("https://{}", irsa::ISSUER))?,
            SPOKE: of(&self.spoke, format!("{}/issuer", self.spoke.api().url))?,
        });
        fs::write(&self.aws.clusters, decided.to_string())?;
        let named = [(HUB, &self.hub), (SPOKE, &self.spoke)];
        let named = named.iter().map(|(arn, cluster)| (*arn, cluster.api().kubeconfig.as_path()));
        let joined = kubeconfig::joined(&self.aws.kubectl, named)?;
        Ok(fs::write(self.ground.folder.join("kubeconfig"), joined.to_string())?)
    }

    /// Calls a service in the hub's or the spoke's account, as its root user.
    pub(super) fn call(&self, cluster: &str, operation: (&str, &str), parameters: Value) -> Result<Value> {
        let root = Credentials::of_root(&Arn::parse(cluster)?.account);
        self.aws.call(&root, REGION, operation, &parameters)
    }

    pub(super) fn on_hub(&self) -> Kubectl {
        Kubectl::new(&self.aws.kubectl, &self.hub.api().kubeconfig)
    }

    pub(super) fn on_spoke(&self) -> Kubectl {
        Kubectl::new(&self.aws.kubectl, &self.spoke.api().kubeconfig)
    }

    /// A folder that nobody has used.
    pub(super) fn folder(&self) -> Result<PathBuf> {
        self.folders.set(self.folders.get() + 1);
        let folder = self.ground.folder.join(format!("try-{}", self.folders.get()));
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// What the webhooks of IRSA and Pod Identity put into the environment of a service account's pods that start now.
    pub(super) fn pod(&self, account: &str) -> Result<Variables> {
        let found = self.on_hub().get("serviceaccount", Some(argocd::NAMESPACE), &[account])?;
        let annotations = found.first().and_then(|own| own.pointer("/metadata/annotations"));
        let role = annotations.and_then(|own| own.get("eks.amazonaws.com/role-arn")?.as_str());
        if let Some(role) = role {
            return irsa::pod(&self.ground.folder, role, account);
        }
        let pod = ServiceAccount { cluster: HUB, namespace: argocd::NAMESPACE, name: account };
        match self.pods.given_role(&pod)? {
            Some(role) => Ok(self.pods.credentials_by_trust(&role, &pod)?.variables()),
            None => Ok(Vec::new()),
        }
    }

    /// `oarlock diagnose` of a text, with what there is at this moment.
    pub(super) fn diagnose(&self, input: &str, cluster: Option<&str>) -> Result<Value> {
        let folder = self.folder()?;
        let file = folder.join("errors.txt");
        fs::write(&file, input)?;
        let mut command = self.aws.environment.command(&self.oarlock, REGION);
        command.env("AWS_PROFILE", Arn::parse(HUB)?.account).current_dir(&self.ground.folder);
        command.arg("diagnose").arg(&file).args(["--live", "-f"]);
        command.arg(self.ground.workspace.root.join("tests/e2e/diagnose/fleet.yaml"));
        command.args(["--profile", "{account}", "--kubeconfig=kubeconfig", "--timeout", "10"]);
        command.args(["--fix", "cli", "-o", "json"]);
        command.args(cluster.iter().flat_map(|name| ["--cluster", name]));
        printed(&mut command)
    }
}

fn printed(command: &mut Command) -> Result<Value> {
    let output = command.output().context("cannot start oarlock")?;
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("oarlock diagnose ended with {}: {said}", output.status))
}
