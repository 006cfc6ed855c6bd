//! A kubeconfig for several clusters.

use std::{path::Path, process::Command};

use anyhow::{Context, Result};
use serde_json::{Value, json};

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
