//! A cluster whose Argo CD comes by aws-auth alone: its mode is changed where that is asked for, its role gets an entry, and the mapping goes
//! at last. At no time is there neither.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{
    FINE, VIOLATED, nothing_to_do,
    scene::Scene,
    watch::Watch,
    world::{ROLE, SPOKE},
};
use crate::e2e::{aws::files, suite::Ground, tokens::cluster::Arn};

/// What isn't Argo CD's stays as it is written.
const NODES: &str = "\
# The nodes; nobody touches this
- rolearn: arn:aws:iam::444455556666:role/eks-orders-node
  username: system:node:{{EC2PrivateDNSName}}
  groups: [system:bootstrappers, system:nodes]
";

pub(super) fn run(ground: &Ground<'_>, name: &str) -> Result<String> {
    let scene = Scene::seeded(ground, name, &by_aws_auth(ground, name)?)?;
    let mapped = format!("{NODES}- rolearn: {ROLE}\n  username: argocd\n  groups:\n  - system:masters\n");
    let map = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "aws-auth", "namespace": "kube-system" },
        "data": { "mapRoles": mapped, "mapUsers": "[]\n" },
    });
    scene.world.kubectl(SPOKE)?.apply("somebody", &[map])?;
    let watch = Watch::default();
    watch.look(&scene.world)?;
    let unasked = scene.apply(&["--wait", "2"])?;
    ensure!(unasked.status == VIOLATED, "nobody asked for another mode, and: {unasked}");
    ensure!(scene.world.mode(SPOKE)? == "CONFIG_MAP", "it was changed all the same: {unasked}");
    scene.asks_for_entries()?;
    let applied = watch.during(&scene.world, || scene.apply(&[]))?;
    ensure!(applied.status == FINE, "{applied}");
    ensure!(scene.world.mode(SPOKE)? == "API_AND_CONFIG_MAP", "{applied}");
    ensure!(scene.world.aws_auth(SPOKE)? == NODES, "aws-auth has become {}", scene.world.aws_auth(SPOKE)?);
    nothing_to_do(&scene)?;
    Ok(format!(
        "from aws-auth to an access entry, and access in all of {} looks; another role's lines are as they were",
        watch.looks()
    ))
}

/// The example's inventory, but the spoke has no access entries and doesn't take any.
fn by_aws_auth(ground: &Ground<'_>, name: &str) -> Result<PathBuf> {
    let Arn { region, account, name: cluster } = Arn::parse(SPOKE)?;
    let eks = format!("clusters/{account}/{region}/{cluster}/eks/");
    let folder = ground.folder.join(format!("{name}-inventory"));
    for (path, mut text) in files(&ground.examples().join("capability/inventory"))? {
        let of_spoke = path.strip_prefix(&eks);
        if of_spoke.is_some_and(|file| file.contains("access-entr") || file.contains("access-policies")) {
            continue;
        }
        if of_spoke == Some("describe-cluster.json") {
            let mut described: Value = serde_json::from_str(&text)?;
            let own = described.get_mut("cluster").and_then(Value::as_object_mut).context("a cluster")?;
            own.insert("accessConfig".to_owned(), json!({ "authenticationMode": "CONFIG_MAP" }));
            text = described.to_string();
        }
        let to = folder.join(path);
        fs::create_dir_all(to.parent().context("a file without folder")?)?;
        fs::write(to, text)?;
    }
    Ok(folder)
}
