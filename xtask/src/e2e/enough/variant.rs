//! The same fleet with another setting of Argo CD's, or another way to sync.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::case::{documents, text};

/// What is different.
pub(super) struct Variant {
    pub(super) name: &'static str,
    /// More keys of argocd-cm.
    settings: &'static [(&'static str, &'static str)],
    /// More sync options of every Application.
    options: &'static [&'static str],
    /// More annotations of every Application.
    annotations: &'static [(&'static str, &'static str)],
    /// Beginnings of names of Applications that stay as they are.
    except: &'static [&'static str],
}

/// As it stands.
pub(super) const PLAIN: Variant =
    Variant { name: "", settings: &[], options: &[], annotations: &[], except: &[] };

/// The ways to sync and to compare, and the settings of `resource.respectRBAC` beside its default.
pub(super) const VARIANTS: &[Variant] = &[
    PLAIN,
    Variant { name: "server-side-apply", options: &["ServerSideApply=true"], ..PLAIN },
    // The checkout Applications bring Jobs, which the API server lets nobody replace.
    Variant { name: "replace", options: &["Replace=true"], except: &["checkout-"], ..PLAIN },
    Variant {
        name: "server-side-diff",
        annotations: &[("argocd.argoproj.io/compare-options", "ServerSideDiff=true")],
        ..PLAIN
    },
    Variant { name: "respect-normal", settings: &[("resource.respectRBAC", "normal")], ..PLAIN },
    Variant { name: "respect-strict", settings: &[("resource.respectRBAC", "strict")], ..PLAIN },
];

impl Variant {
    /// Whether every Application is applied by the server.
    pub(super) fn applies_by_server(&self) -> bool {
        self.options.contains(&"ServerSideApply=true")
    }

    /// The inventory with these settings: the very one, or a copy.
    pub(super) fn inventory(&self, inventory: &Path, hub: &Path, copy: &Path) -> Result<PathBuf> {
        if self.settings.is_empty() {
            return Ok(inventory.to_owned());
        }
        copy_all(inventory, copy)?;
        let maps = copy.join(hub).join("configmaps.yaml");
        let mut list = documents(&fs::read_to_string(&maps)?)?.into_iter().next().context("no ConfigMaps")?;
        let items = list.get_mut("items").and_then(Value::as_array_mut).context("a list without items")?;
        for map in
            items.iter_mut().filter(|map| text(map, "/metadata/name").is_ok_and(|name| name == "argocd-cm"))
        {
            let data = map.pointer_mut("/data").and_then(Value::as_object_mut).context("no data")?;
            data.extend(self.settings.iter().map(|(key, value)| ((*key).to_owned(), json!(value))));
        }
        fs::write(&maps, list.to_string())?;
        Ok(copy.to_owned())
    }

    /// Points the fleet file at Applications of this variant.
    pub(super) fn applications(&self, file: &mut Value, folder: &Path) -> Result<()> {
        if self.options.is_empty() && self.annotations.is_empty() {
            return Ok(());
        }
        fs::create_dir_all(folder)?;
        let sources = file.pointer_mut("/spec/applications").and_then(Value::as_array_mut);
        for (number, source) in sources.into_iter().flatten().enumerate() {
            let mut objects = documents(&fs::read_to_string(text(source, "/path")?)?)?;
            objects.iter_mut().for_each(|object| self.change(object));
            let path = folder.join(format!("{number}.yaml"));
            let objects: Vec<String> = objects.iter().map(Value::to_string).collect();
            fs::write(&path, objects.join("\n---\n"))?;
            merge(source, json!({ "path": path }));
        }
        Ok(())
    }

    fn change(&self, application: &mut Value) {
        let name = application.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        if self.except.iter().any(|beginning| name.starts_with(beginning)) {
            return;
        }
        let own = application.pointer("/spec/syncPolicy/syncOptions").and_then(Value::as_array).cloned();
        let options = own.into_iter().flatten().chain(self.options.iter().map(|option| json!(option)));
        let annotations = self.annotations.iter().map(|(key, value)| ((*key).to_owned(), json!(value)));
        let change = json!({
            "metadata": { "annotations": Map::from_iter(annotations) },
            "spec": { "syncPolicy": { "syncOptions": Vec::from_iter(options) } },
        });
        merge(application, change);
    }
}

/// A JSON merge patch without removals.
fn merge(into: &mut Value, patch: Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(into.entry(key).or_insert_with(|| json!({})), value);
            }
        }
        (into, patch) => *into = patch,
    }
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
