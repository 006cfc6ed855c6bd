//! Kubernetes objects: documents of their own, items of lists, and the values of Helm charts that make them.

use std::sync::Arc;

use facts::Place;

use super::policy::place;
use crate::audit::source::{Document, Node};

/// A Kubernetes object, or one of another kind that is written in the same way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object<'s> {
    pub(crate) file: &'s Arc<str>,
    pub(crate) node: &'s Node,
    pub(crate) kind: &'s str,
    pub(crate) name: &'s str,
    pub(crate) namespace: Option<&'s str>,
}

pub(super) fn objects<'s>(document: &'s Document, found: &mut Vec<Object<'s>>) {
    let root = &document.root;
    match (root.text_at("kind"), root.get("items")) {
        (Some(list), Some(items)) if list.ends_with("List") => {
            let kind = list.strip_suffix("List").filter(|kind| !kind.is_empty());
            found.extend(items.items().iter().filter_map(|item| object(document, item, kind)));
        }
        _ => found.extend(object(document, root, None)),
    }
}

fn object<'s>(document: &'s Document, node: &'s Node, kind: Option<&'s str>) -> Option<Object<'s>> {
    let kind = node.text_at("kind").filter(|_| node.get("apiVersion").is_some()).or(kind)?;
    let metadata = node.get("metadata");
    let of = |key| metadata.and_then(|metadata| metadata.text_at(key));
    let name = of("name").unwrap_or_default();
    Some(Object { file: &document.file, node, kind, name, namespace: of("namespace") })
}

impl<'s> Object<'s> {
    pub(crate) fn at(&self, node: &Node) -> Place {
        place(self.file, node.at)
    }

    /// Its place: where its name stands.
    pub(crate) fn place(&self) -> Place {
        let name = self.node.at_path(&["metadata", "name"]);
        self.at(name.unwrap_or(self.node))
    }

    /// For a sentence.
    pub(crate) fn title(&self) -> String {
        match self.namespace {
            Some(namespace) => format!("{} `{namespace}/{}`", self.kind, self.name),
            None => format!("{} `{}`", self.kind, self.name),
        }
    }

    /// Whether it is Kubernetes' own, or EKS's.
    pub(crate) fn is_built_in(&self) -> bool {
        self.label("kubernetes.io/bootstrapping") == Some("rbac-defaults")
            || self.name.starts_with("system:")
            || self.name.starts_with("eks:")
    }

    pub(crate) fn label(&self, key: &str) -> Option<&'s str> {
        self.node.at_path(&["metadata", "labels"])?.text_at(key)
    }

    pub(crate) fn annotation(&self, key: &str) -> Option<&'s Node> {
        self.node.at_path(&["metadata", "annotations"])?.get(key)
    }
}
