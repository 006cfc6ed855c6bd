//! What Oarlock's plan says about the way into the clusters of the example fleet acme.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::{e2e::suite::Ground, process};

/// Roles, access entries and cluster Secrets.
#[derive(Default)]
pub(super) struct Planned {
    /// Trust policies by the roles' ARNs.
    pub(super) trusts: BTreeMap<String, Value>,
    /// The groups by cluster and principal.
    pub(super) entries: BTreeMap<String, Entries>,
    /// How Argo CD gets a token for a cluster, by the cluster's URL.
    pub(super) logins: BTreeMap<String, Login>,
}

/// A cluster's access entries: the groups by the principal.
pub(super) type Entries = BTreeMap<String, BTreeSet<String>>;

/// A cluster Secret's `awsAuthConfig`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Login {
    pub(super) cluster_name: String,
    #[serde(rename = "roleARN")]
    pub(super) role: Option<String>,
}

impl Planned {
    /// Of `oarlock plan`.
    pub(super) fn read(ground: &Ground<'_>) -> Result<Self> {
        let plan: Value = serde_json::from_slice(&oarlock(ground, "plan", &["-o", "json"])?)?;
        let mut planned = Self::default();
        for step in plan.pointer("/steps").and_then(Value::as_array).context("a plan's steps")? {
            if let Some(object) = step.pointer("/desired/object") {
                planned.add(object)?;
            }
        }
        Ok(planned)
    }

    fn add(&mut self, object: &Value) -> Result<()> {
        let field = |name| object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        match field("type").as_str() {
            "iam-role" => {
                let trust = object.get("trust").context("a role's trust policy")?;
                self.trusts.insert(field("arn"), trust.clone());
            }
            "access-entry" => {
                let groups = BTreeSet::deserialize(object.get("groups").context("an entry's groups")?)?;
                self.entries.entry(field("cluster")).or_default().insert(field("principal"), groups);
            }
            "kubernetes" if field("kind") == "Secret" => {
                let text = |name: &str| object.pointer(&format!("/body/stringData/{name}"))?.as_str();
                let (Some(server), Some(config)) = (text("server"), text("config")) else { return Ok(()) };
                let config: Value = serde_json::from_str(config)?;
                if let Some(login) = config.get("awsAuthConfig") {
                    self.logins.insert(server.to_owned(), Login::deserialize(login)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The roles that trust policies name and that are there before the plan.
    pub(super) fn foreign(&self) -> BTreeSet<String> {
        let texts: String = self.trusts.values().map(Value::to_string).collect();
        let named =
            texts.split('"').filter(|text| text.starts_with("arn:aws:iam::") && text.contains(":role/"));
        named.filter(|arn| !self.trusts.contains_key(*arn)).map(str::to_owned).collect()
    }

    /// Whether a role is in an access entry, or is trusted by one that is.
    pub(super) fn reaches_clusters(&self, role: &str) -> bool {
        let quoted = Value::from(role).to_string();
        let trusted =
            |role: &str| self.trusts.get(role).is_some_and(|trust| trust.to_string().contains(&quoted));
        self.entries.values().flat_map(Entries::keys).any(|principal| principal == role || trusted(principal))
    }
}

/// Runs a verb of Oarlock's on the fleet. Findings have an exit status of their own; that the run failed is 1.
pub(super) fn oarlock(ground: &Ground<'_>, verb: &str, arguments: &[&str]) -> Result<Vec<u8>> {
    let acme = ground.examples().join("acme");
    let mut command = Command::new(ground.oarlock()?);
    command.arg(verb).arg("-f").arg(acme.join("fleet.yaml")).arg("-i").arg(acme.join("inventory"));
    let output = command.args(arguments).output().context("cannot start oarlock")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code().is_some_and(|code| code != 1), "{}: {said}", process::shown(&command));
    Ok(output.stdout)
}

/// The URLs of the fleet's clusters by their ARNs, from `clusters/<account>/<region>/<name>/eks/describe-cluster.json`.
pub(super) fn urls(ground: &Ground<'_>) -> Result<BTreeMap<String, String>> {
    let mut folders = vec![ground.examples().join("acme/inventory/clusters")];
    for _ in ["account", "region", "name"] {
        folders = folders.iter().map(|folder| below(folder)).collect::<Result<Vec<_>>>()?.concat();
    }
    folders.iter().map(|folder| url(folder)).collect()
}

fn url(folder: &Path) -> Result<(String, String)> {
    let cluster: Value = serde_json::from_slice(&fs::read(folder.join("eks/describe-cluster.json"))?)?;
    let field = |name: &str| cluster.pointer(&format!("/cluster/{name}"))?.as_str().map(str::to_owned);
    Ok((field("arn").context("a cluster's ARN")?, field("endpoint").context("a cluster's endpoint")?))
}

fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}
