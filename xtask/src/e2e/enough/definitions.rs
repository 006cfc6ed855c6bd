//! Definitions of kinds that the inventory's discovery knows and nobody deploys: somebody else has installed them.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::Result;
use serde::Deserialize;
use serde_json::{Value, json};

use super::case::{Deployed, documents};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Discovery {
    group_version: String,
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    name: String,
    #[serde(default)]
    singular_name: String,
    namespaced: bool,
    kind: String,
}

/// CustomResourceDefinitions, without a schema, of the custom kinds of a discovery folder that no Application ships.
pub(in crate::e2e) fn missing(folder: &Path, applications: &[Deployed]) -> Result<Vec<Value>> {
    let shipped = shipped(applications)?;
    let mut definitions = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return Ok(definitions) };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        let discovery: Discovery = serde_json::from_slice(&fs::read(path)?)?;
        let Some((group, version)) = discovery.group_version.split_once('/') else { continue };
        // Kubernetes' own, or served by an extension API server.
        if group.ends_with(".k8s.io") || !group.contains('.') {
            continue;
        }
        let plurals = discovery.resources.iter().filter(|resource| !resource.name.contains('/'));
        let definitions_of =
            plurals.map(|resource| definition(group, version, resource, &discovery.resources));
        definitions.extend(definitions_of.filter(|definition| {
            !definition
                .pointer("/metadata/name")
                .and_then(Value::as_str)
                .is_some_and(|name| shipped.contains(name))
        }));
    }
    Ok(definitions)
}

fn definition(group: &str, version: &str, resource: &Resource, all: &[Resource]) -> Value {
    let Resource { name, singular_name, namespaced, kind } = resource;
    let has_status = all.iter().any(|other| other.name == format!("{name}/status"));
    let subresources = if has_status { json!({ "status": {} }) } else { json!({}) };
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("{name}.{group}") },
        "spec": {
            "group": group, "scope": if *namespaced { "Namespaced" } else { "Cluster" },
            "names": { "plural": name, "singular": singular_name, "kind": kind, "listKind": format!("{kind}List") },
            "versions": [{
                "name": version, "served": true, "storage": true, "subresources": subresources,
                "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } },
            }],
        },
    })
}

fn shipped(applications: &[Deployed]) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for application in applications {
        let mut objects = objects(&application.manifests)?;
        objects.retain(|object| object.get("kind").is_some_and(|kind| kind == "CustomResourceDefinition"));
        names.extend(
            objects.iter().filter_map(|object| Some(object.pointer("/metadata/name")?.as_str()?.to_owned())),
        );
    }
    Ok(names)
}

/// All objects of a source, those of lists too.
pub(super) fn objects(path: &Path) -> Result<Vec<Value>> {
    let mut objects = Vec::new();
    for file in manifests(path)? {
        for document in documents(&fs::read_to_string(file)?)? {
            match document.get("items").and_then(Value::as_array) {
                Some(items) => objects.extend(items.iter().cloned()),
                None => objects.push(document),
            }
        }
    }
    Ok(objects)
}

/// A file, or the files of a folder.
pub(super) fn manifests(path: &Path) -> Result<Vec<std::path::PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}
