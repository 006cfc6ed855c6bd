//! A fleet of any size, made from the example capability: its hub, and as many of its spoke as are wanted, in several accounts.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::e2e::{
    aws::files,
    enough::case::documents,
    journey::scene::{INSTALL, KMS_KEYS},
    tokens::cluster::Arn,
};

pub(super) const HUB: &str = "arn:aws:eks:eu-central-1:123456789012:cluster/platform";
const ACCOUNT: &str = "444455556666";
const SPOKE: &str = "orders";
const OF_SPOKE: &str = "clusters/444455556666/eu-central-1/orders/";
const OF_ACCOUNT: &str = "accounts/444455556666/";

/// When Argo CD has looked at the Applications: always later than anything is done. That this is waited for is what the suite `journey`
/// shows.
const LOOKED_AT: &str = "2999-01-01T00:00:00Z";

/// How many spokes, and over how many accounts they are spread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) spokes: usize,
    pub(super) accounts: usize,
}

impl Size {
    /// With the hub.
    pub(super) fn clusters(self) -> usize {
        self.spokes + 1
    }

    /// The spokes, by ARN.
    pub(super) fn spokes(self) -> Vec<Arn> {
        let spoke = |number: usize| Arn {
            region: "eu-central-1".to_owned(),
            account: format!("4444555566{:02}", number % self.accounts),
            name: format!("{SPOKE}-{number:03}"),
        };
        (0..self.spokes).map(spoke).collect()
    }
}

pub(super) fn arn(Arn { region, account, name }: &Arn) -> String {
    format!("arn:aws:eks:{region}:{account}:cluster/{name}")
}

/// An inventory's AWS side: what the AWS API server is to have. The hub's files are the example's.
pub(super) fn inventory(example: &Path, size: Size, folder: &Path) -> Result<()> {
    let mut all = BTreeMap::new();
    for (path, text) in files(&example.join("inventory"))? {
        if path.contains("/kubernetes/") {
            continue;
        }
        if let Some(file) = path.strip_prefix(OF_SPOKE) {
            for spoke in size.spokes() {
                let Arn { region, account, name } = &spoke;
                let file = named(file, &spoke);
                all.insert(format!("clusters/{account}/{region}/{name}/{file}"), named(&text, &spoke));
            }
        } else if let Some(file) = path.strip_prefix(OF_ACCOUNT) {
            for (account, text) in of_accounts(&text, size)? {
                all.insert(format!("accounts/{account}/{file}"), text);
            }
        } else {
            all.insert(path, text);
        }
    }
    all.iter().try_for_each(|(path, text)| write(&folder.join(path), text))
}

/// The spoke's text as another spoke's.
fn named(text: &str, Arn { account, name, .. }: &Arn) -> String {
    text.replace(ACCOUNT, account).replace(SPOKE, name)
}

/// A file of the spoke's account for each of the accounts: whatever it lists is there for each cluster.
fn of_accounts(text: &str, size: Size) -> Result<BTreeMap<String, String>> {
    let mut all: BTreeMap<String, Value> = BTreeMap::new();
    for spoke in size.spokes() {
        let own: Value = serde_json::from_str(&named(text, &spoke))?;
        let Some(merged) = all.get_mut(&spoke.account) else {
            all.insert(spoke.account, own);
            continue;
        };
        for (list, more) in own.as_object().into_iter().flatten() {
            let known = merged.get_mut(list).and_then(Value::as_array_mut).context("a list")?;
            let new: Vec<Value> =
                more.as_array().into_iter().flatten().filter(|one| !known.contains(one)).cloned().collect();
            known.extend(new);
        }
    }
    Ok(all.into_iter().map(|(account, value)| (account, value.to_string())).collect())
}

/// The API servers' objects, as an inventory: the hub's, and those of a few spokes that stand for all.
pub(super) fn servers(example: &Path, size: Size, standing_for_all: usize, folder: &Path) -> Result<()> {
    for (path, text) in files(&example.join("inventory"))? {
        if let Some(file) = path.strip_prefix(OF_SPOKE) {
            for number in 0..standing_for_all {
                let folder = folder.join(format!("clusters/{ACCOUNT}/eu-central-1/{number}"));
                let text = if file == "eks/describe-cluster.json" {
                    text.replace("cluster/orders", &format!("cluster/{number}"))
                } else {
                    text.clone()
                };
                write(&folder.join(file), &text)?;
            }
        } else if path.starts_with("clusters/") {
            let text = match path.rsplit('/').next() {
                Some("applications.yaml" | "secrets.yaml" | "appprojects.yaml") => of_hub(&text, size)?,
                _ => text,
            };
            write(&folder.join(path), &text)?;
        }
    }
    Ok(())
}

/// A list of the hub's with what it has for each spoke.
fn of_hub(text: &str, size: Size) -> Result<String> {
    let mut list = documents(text)?.into_iter().next().context("an empty list")?;
    let items = list.get_mut("items").and_then(Value::as_array_mut).context("a list without items")?;
    let mut all = Vec::new();
    for mut item in std::mem::take(items) {
        if item.get("kind").is_some_and(|kind| kind == "Application") {
            set(&mut item, "/status/reconciledAt", json!(LOOKED_AT))?;
        }
        all.extend(of_spokes(item, size)?);
    }
    *items = all;
    Ok(list.to_string())
}

/// An object of the hub's, or what takes its place if it is about the spoke.
fn of_spokes(object: Value, size: Size) -> Result<Vec<Value>> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let each = |change: &dyn Fn(&mut Value, &Arn) -> Result<()>| {
        let spokes = size.spokes().into_iter();
        let made = spokes.map(|spoke| {
            let mut own = object.clone();
            change(&mut own, &spoke)?;
            Ok(own)
        });
        made.collect()
    };
    match (text("/kind").as_str(), text("/metadata/name").as_str()) {
        ("Application", SPOKE) => each(&|own, spoke| {
            set(own, "/metadata/name", json!(spoke.name))?;
            set(own, "/spec/destination/name", json!(spoke.name))
        }),
        ("Secret", "cluster-orders") => each(&|own, spoke| {
            set(own, "/metadata/name", json!(format!("cluster-{}", spoke.name)))?;
            set(own, "/data/name", json!(STANDARD.encode(&spoke.name)))?;
            set(own, "/data/server", json!(STANDARD.encode(arn(spoke))))
        }),
        ("AppProject", SPOKE) => {
            let mut own = object.clone();
            set(&mut own, "/spec/destinations", destinations(size))?;
            Ok(vec![own])
        }
        _ => Ok(vec![object]),
    }
}

fn destinations(size: Size) -> Value {
    size.spokes().iter().map(|spoke| json!({ "name": spoke.name, "namespace": SPOKE })).collect()
}

fn set(object: &mut Value, pointer: &str, value: Value) -> Result<()> {
    *object.pointer_mut(pointer).with_context(|| format!("an example without {pointer}"))? = value;
    Ok(())
}

/// The fleet file with what it names; where it is.
pub(super) fn file(example: &Path, size: Size, folder: &Path) -> Result<PathBuf> {
    for (path, text) in files(example)? {
        let (first, _) = path.split_once('/').unwrap_or((&path, ""));
        let text = match (first, path.as_str()) {
            ("fleet.yaml", _) => fleet(&text, size)?,
            (_, "argocd/applications.yaml" | "argocd/projects.yaml") => objects(&text, size)?,
            ("rendered", "rendered/orders/orders.yaml") => {
                for spoke in size.spokes() {
                    write(&folder.join(format!("rendered/{}/orders.yaml", spoke.name)), &text)?;
                }
                continue;
            }
            ("rendered", _) => text,
            _ => continue,
        };
        write(&folder.join(path), &text)?;
    }
    Ok(folder.join("fleet.yaml"))
}

fn fleet(text: &str, size: Size) -> Result<String> {
    let known = text.replacen(INSTALL, &format!("{INSTALL}\n      {KMS_KEYS}"), 1);
    ensure!(known != text, "the example has no `{INSTALL}`");
    let Some(line) = known.lines().find(|line| line.contains("cluster/orders\"")) else {
        bail!("the example has no cluster orders")
    };
    let lines: Vec<String> = size
        .spokes()
        .iter()
        .map(|spoke| format!("    - {{arn: \"{}\", name: {}, project: {SPOKE}}}", arn(spoke), spoke.name))
        .collect();
    Ok(known.replacen(line, &lines.join("\n"), 1))
}

fn objects(text: &str, size: Size) -> Result<String> {
    let mut all = Vec::new();
    for object in documents(text)? {
        all.extend(of_spokes(object, size)?);
    }
    Ok(all.iter().map(|object| format!("---\n{object}\n")).collect())
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::create_dir_all(path.parent().context("a file without folder")?)?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
