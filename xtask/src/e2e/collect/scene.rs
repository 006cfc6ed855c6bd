//! A hub and two spokes, one of which never answers, and somebody who may collect: what Oarlock prints that it needs, and nothing else.

use std::{collections::BTreeSet, fs, net::TcpListener, path::PathBuf, process::Output};

use anyhow::{Context, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::e2e::{
    argocd,
    kubectl::Kubectl,
    permitted::Permitted,
    suite::Ground,
    tokens::{
        aws::{Aws, Credentials},
        cluster::{Arn, Cluster},
        scene::{create_cluster, create_role, policy},
    },
};

pub(super) const HUB: &str = "arn:aws:eks:eu-west-1:222233334444:cluster/hub";
pub(super) const SPOKE: &str = "arn:aws:eks:eu-west-1:555566667777:cluster/spoke";
/// It takes connections, and says nothing.
pub(super) const SILENT: &str = "arn:aws:eks:eu-west-1:555566667777:cluster/silent";

/// Everything that is secret in the scene has this in it.
pub(super) const HIDDEN: &str = "hunter2";

pub(super) const ROLE: &str = "oarlock-collect";
const PATTERN: &str = "arn:{partition}:iam::{account}:role/oarlock-collect";

/// Somebody in the hub's account who may assume the roles.
pub(super) const USER: &str = "collector";

/// Running clusters, and who collects.
pub(super) struct Scene<'a> {
    pub(super) aws: &'a Aws,
    pub(super) hub: Cluster<'a>,
    pub(super) spoke: Cluster<'a>,
    pub(super) collector: Credentials,
    /// The objects that `--print-permissions` prints for the hub.
    pub(super) objects: Vec<Value>,
    oarlock: PathBuf,
    folder: PathBuf,
    _silent: TcpListener,
}

impl<'a> Scene<'a> {
    pub(super) fn set(ground: &Ground<'_>, aws: &'a Aws) -> Result<Self> {
        for arn in [HUB, SPOKE, SILENT] {
            create_cluster(aws, &Arn::parse(arn)?)?;
        }
        let hub = Cluster::start(ground, aws, &Arn::parse(HUB)?)?;
        let spoke = Cluster::start(ground, aws, &Arn::parse(SPOKE)?)?;
        let silent = TcpListener::bind("127.0.0.1:0")?;
        let (oarlock, folder) = (ground.oarlock()?, ground.folder.clone());
        let collector = Credentials::of_root(&Arn::parse(HUB)?.account);
        let mut scene =
            Self { aws, hub, spoke, collector, objects: Vec::new(), oarlock, folder, _silent: silent };
        scene.describe()?;
        scene.furnish(ground)?;
        scene.let_in()?;
        Ok(scene)
    }

    /// Runs `oarlock collect` with more arguments, as the collector.
    pub(super) fn collect(&self, arguments: &[&str]) -> Result<Output> {
        self.oarlock("collect", &[&["-i", "inventory"][..], arguments].concat())
    }

    /// Runs a verb of Oarlock's that asks AWS and the clusters, as the collector.
    pub(super) fn oarlock(&self, verb: &str, arguments: &[&str]) -> Result<Output> {
        let mut command = self.aws.environment.command(&self.oarlock, &Arn::parse(HUB)?.region);
        command.envs(self.collector.variables()).current_dir(&self.folder);
        command.args([verb, "--assume-role", PATTERN, "--timeout", "3"]).args(arguments);
        command.output().context("cannot start oarlock")
    }

    pub(super) fn inventory(&self) -> PathBuf {
        self.folder.join("inventory")
    }

    /// What `--print-permissions` prints.
    pub(super) fn needed(&self, which: &str) -> Result<String> {
        let output = self.collect(&["--print-permissions", which])?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// What EKS would say of the clusters.
    fn describe(&self) -> Result<()> {
        let authority = STANDARD.encode(fs::read(&self.hub.api().ca)?);
        let silent = format!("https://{}", self._silent.local_addr()?);
        let of = |endpoint: &str, authority: &str| json!({ "endpoint": endpoint, "certificateAuthority": authority, "issuer": format!("{endpoint}/issuer") });
        let spoke = STANDARD.encode(fs::read(&self.spoke.api().ca)?);
        let decided = json!({
            HUB: of(&self.hub.api().url, &authority), SPOKE: of(&self.spoke.api().url, &spoke), SILENT: of(&silent, &authority),
        });
        Ok(fs::write(&self.aws.clusters, decided.to_string())?)
    }

    /// One of everything that is collected.
    fn furnish(&self, ground: &Ground<'_>) -> Result<()> {
        let arn = Arn::parse(HUB)?;
        let root = Credentials::of_root(&arn.account);
        let call = |operation: (&str, &str), parameters: Value| {
            self.aws.call(&root, &arn.region, operation, &parameters)
        };
        let trust = |service: &str| {
            policy(&json!({
                "Effect": "Allow", "Principal": { "Service": service }, "Action": ["sts:AssumeRole", "sts:TagSession"],
            }))
        };
        create_role(self.aws, &arn.account, "argocd", &trust("pods.eks.amazonaws.com"))?;
        create_role(self.aws, &arn.account, "capability", &trust("capabilities.eks.amazonaws.com"))?;
        let role = |name: &str| format!("arn:aws:iam::{}:role/{name}", arn.account);
        call(
            ("iam", "CreateOpenIDConnectProvider"),
            json!({ "Url": "https://oidc.example/id", "ClientIDList": ["sts.amazonaws.com"] }),
        )?;
        call(
            ("eks", "CreatePodIdentityAssociation"),
            json!({
                "clusterName": arn.name, "namespace": "argocd", "serviceAccount": "argocd-server", "roleArn": role("argocd"),
            }),
        )?;
        call(
            ("eks", "CreateCapability"),
            json!({
                "clusterName": arn.name, "capabilityName": "kro", "type": "KRO", "roleArn": role("capability"),
                "deletePropagationPolicy": "RETAIN",
            }),
        )?;
        let secret =
            call(("secretsmanager", "CreateSecret"), json!({ "Name": "charts", "SecretString": HIDDEN }))?;
        let secret = secret.get("ARN").and_then(Value::as_str).context("a secret without ARN")?;
        let kubectl = Kubectl::new(&self.aws.kubectl, &self.hub.api().kubeconfig);
        kubectl.apply("somebody", &argocd::installation(ground, &Default::default())?)?;
        kubectl.established()?;
        kubectl.apply("somebody", &self.secrets(secret))
    }

    /// How Argo CD knows the clusters, and one that nobody else knows.
    fn secrets(&self, secret_arn: &str) -> Vec<Value> {
        let silent =
            self._silent.local_addr().map(|address| format!("https://{address}")).unwrap_or_default();
        let config = |name: &str| {
            json!({
                "awsAuthConfig": { "clusterName": name, "roleARN": "arn:aws:iam::555566667777:role/argocd" },
                "bearerToken": HIDDEN, "tlsClientConfig": { "keyData": STANDARD.encode(HIDDEN) },
            })
            .to_string()
        };
        let secret = |name: &str, kind: &str, data: Value| {
            json!({
                "apiVersion": "v1", "kind": "Secret", "stringData": data,
                "metadata": {
                    "name": name, "namespace": argocd::NAMESPACE, "labels": { "argocd.argoproj.io/secret-type": kind },
                    "annotations": { "kubectl.kubernetes.io/last-applied-configuration": HIDDEN },
                },
            })
        };
        vec![
            secret("spoke", "cluster", json!({ "server": self.spoke.api().url, "config": config("spoke") })),
            secret("silent", "cluster", json!({ "server": silent, "config": config("silent") })),
            secret(
                "elsewhere",
                "cluster",
                json!({ "server": "https://elsewhere.example", "password": HIDDEN }),
            ),
            secret(
                "charts",
                "repository",
                json!({
                    "url": "https://charts.example", "password": HIDDEN, "secretArn": secret_arn,
                }),
            ),
        ]
    }

    /// Gives a user, roles that he assumes, and their group what Oarlock prints.
    fn let_in(&mut self) -> Result<()> {
        let printed = |which: &str| self.needed(which);
        let permitted = Permitted { aws: self.aws, verb: "collect", user: USER, printed: &printed };
        let hub = Arn::parse(HUB)?.account;
        let accounts = BTreeSet::from([hub.clone(), Arn::parse(SPOKE)?.account]);
        let collector = permitted.in_accounts(&hub, &accounts)?;
        let objects = permitted.on_cluster(&collector, &self.hub, HUB, true)?;
        permitted.on_cluster(&collector, &self.spoke, SPOKE, false)?;
        (self.collector, self.objects) = (collector, objects);
        Ok(())
    }
}

pub(super) fn named(object: &Value) -> &str {
    object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}
