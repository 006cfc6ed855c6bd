//! One permission: the smallest thing that can be granted, needed, or compared.

use std::{fmt, sync::Arc};

use serde::Serialize;

/// Where a permission holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Cluster-scoped resources, and namespaced ones in all namespaces.
    Cluster,
    /// Namespaced resources in one namespace.
    Namespace(Arc<str>),
}

/// A class of requests: one verb on one resource, in one scope, perhaps on one name.
///
/// Verb, group and resource may be `*`, with the meaning that a PolicyRule gives it; resource may be `*/sub`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase", untagged)]
pub enum Permission {
    /// On a resource of the Kubernetes API.
    #[serde(rename_all = "camelCase")]
    Resource {
        /// Where.
        scope: Scope,
        /// API group, empty for core.
        group: Arc<str>,
        /// Plural, perhaps with a subresource: `pods`, `pods/log`.
        resource: Arc<str>,
        /// `get`, `list`, …
        verb: Arc<str>,
        /// One object's name, or any.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<Arc<str>>,
    },
    /// On a path outside of it, such as `/version`; always cluster-wide.
    #[serde(rename_all = "camelCase")]
    NonResource {
        /// The path; `*` at its end makes it a prefix.
        path: Arc<str>,
        /// Lower-case HTTP method.
        verb: Arc<str>,
    },
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster => f.write_str("cluster"),
            Self::Namespace(name) => f.write_str(name),
        }
    }
}
