//! A kubeconfig for several clusters.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::api_front::ApiFront;
use crate::process;

/// Joins kubeconfigs that have one cluster and one user; a context, its cluster and its user are called by the name given.
pub(super) fn joined<'a>(kubectl: &Path, named: impl Iterator<Item = (&'a str, &'a Path)>) -> Result<Value> {
    let (mut clusters, mut users, mut contexts) = (Vec::new(), Vec::new(), Vec::new());
    for (name, kubeconfig) in named {
        let mut view = Command::new(kubectl);
        view.env("KUBECONFIG", kubeconfig).args(["config", "view", "--raw", "--flatten", "-o", "json"]);
        let config: Value = serde_json::from_slice(&process::output(&mut view)?)?;
        let only =
            |pointer: &str| config.pointer(pointer).cloned().context("a kubeconfig without what it is for");
        clusters.push(json!({ "name": name, "cluster": only("/clusters/0/cluster")? }));
        users.push(json!({ "name": name, "user": only("/users/0/user")? }));
        contexts.push(json!({ "name": name, "context": { "cluster": name, "user": name } }));
    }
    Ok(
        json!({ "apiVersion": "v1", "kind": "Config", "clusters": clusters, "users": users, "contexts": contexts }),
    )
}

/// The same, by way of what stands before the clusters of these names.
pub(super) fn fronted(mut joined: Value, fronts: &[(String, ApiFront)]) -> Result<Value> {
    let clusters = joined.get_mut("clusters").and_then(Value::as_array_mut);
    for cluster in clusters.context("a kubeconfig without clusters")? {
        let name = cluster.get("name").and_then(Value::as_str);
        let front = fronts.iter().find(|(own, _)| Some(own.as_str()) == name).map(|(_, front)| front);
        let front = front.context("a cluster that nothing stands before")?;
        let authority = STANDARD.encode(fs::read(&front.ca)?);
        let to = json!({ "server": front.url, "certificate-authority-data": authority });
        *cluster.get_mut("cluster").context("a cluster without address")? = to;
    }
    Ok(joined)
}
