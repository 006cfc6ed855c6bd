//! Argo CD's own objects, and its settings wherever people keep them.

use std::{collections::BTreeMap, sync::Arc};

use argocd::{ClusterSecret, SECRET_TYPE_LABEL, Secret};
use facts::Place;

use super::{Object, policy::place};
use crate::audit::source::{Document, Node};

/// A cluster Secret.
#[derive(Debug)]
pub(crate) struct ClusterSecretSubject<'s> {
    pub(crate) object: Object<'s>,
    /// As Argo CD reads it, or why it doesn't.
    pub(crate) read: Result<ClusterSecret, String>,
}

impl<'s> ClusterSecretSubject<'s> {
    /// None if the object is no cluster Secret.
    pub(crate) fn of(object: &Object<'s>) -> Option<Self> {
        if object.kind != "Secret" || object.label(SECRET_TYPE_LABEL) != Some("cluster") {
            return None;
        }
        let secret: Result<Secret, _> = serde_json::from_value(object.node.to_value());
        let read =
            secret.map_err(|error| error.to_string()).and_then(|secret| ClusterSecret::from_secret(&secret));
        Some(Self { object: *object, read })
    }

    /// Where a key of its data stands.
    pub(crate) fn at(&self, key: &str) -> Place {
        let of = |data| self.object.node.get(data)?.get(key);
        let node = of("stringData").or_else(|| of("data"));
        node.map_or_else(|| self.object.place(), |node| self.object.at(node))
    }
}

fn texts(node: Option<&Node>) -> BTreeMap<String, String> {
    let entries = node.map(Node::entries).unwrap_or_default();
    entries.iter().filter_map(|(key, value)| Some((key.text.clone(), value.text()?.to_owned()))).collect()
}

/// The texts of a ConfigMap with their places: in the ConfigMap itself, or in the values of Argo CD's Helm chart that make it
/// (argo-helm, charts/argo-cd, `configs.cm`, `configs.rbac`, `configs.params`).
pub(crate) struct Map<'s> {
    pub(crate) file: &'s Arc<str>,
    pub(crate) node: &'s Node,
}

impl<'s> Map<'s> {
    pub(crate) fn get(&self, key: &str) -> Option<&'s Node> {
        self.node.get(key)
    }

    pub(crate) fn at(&self, node: &Node) -> Place {
        place(self.file, node.at)
    }

    pub(crate) fn texts(&self) -> BTreeMap<String, String> {
        texts(Some(self.node))
    }
}

/// The ConfigMaps of a name, and what stands for them in a chart's values.
pub(super) fn maps<'s>(
    name: &str,
    objects: &[Object<'s>],
    documents: impl Iterator<Item = &'s Document>,
) -> Vec<Map<'s>> {
    let own = objects.iter().filter(|object| object.kind == "ConfigMap" && object.name == name);
    let own = own.filter_map(|object| Some(Map { file: object.file, node: object.node.get("data")? }));
    let mut found: Vec<Map<'s>> = own.collect();
    let value = match name {
        "argocd-cm" => "cm",
        "argocd-rbac-cm" => "rbac",
        _ => "params",
    };
    for document in documents.filter(|document| document.root.get("kind").is_none()) {
        let roots = [Some(&document.root), document.root.get("argo-cd")];
        let values = roots.into_iter().flatten().filter_map(|root| root.at_path(&["configs", value]));
        found.extend(values.map(|node| Map { file: &document.file, node }));
    }
    found
}
