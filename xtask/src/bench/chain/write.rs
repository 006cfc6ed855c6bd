//! Files as the AWS CLI and kubectl print them.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// Removes what an earlier run left.
pub(in crate::bench) fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// One output of the AWS CLI.
pub(in crate::bench) fn aws(folder: &Path, name: &str, output: &Value) -> Result<()> {
    file(&folder.join(format!("{name}.json")), &serde_json::to_string_pretty(output)?)
}

/// One list of `kubectl get -o yaml`.
pub(in crate::bench) fn kubectl(folder: &Path, resource: &str, items: Vec<Value>) -> Result<()> {
    let list =
        json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}});
    file(&folder.join(format!("{resource}.yaml")), &serde_saphyr::to_string(&list)?)
}

fn file(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
