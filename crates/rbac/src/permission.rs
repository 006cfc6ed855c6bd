//! One permission: the smallest thing that can be granted, needed, or compared.

use std::{fmt, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pattern::{
    meet, name_covers, path_covers, resource_covers, scope_covers, subresource, word_covers,
};

/// Where a permission holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
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

impl Scope {
    /// The scope of a binding: that namespace, or the cluster.
    pub fn of(namespace: Option<&str>) -> Self {
        namespace.map_or(Self::Cluster, |name| Self::Namespace(name.into()))
    }

    /// The namespace, unless it is the whole cluster.
    pub fn namespace(&self) -> Option<&str> {
        match self {
            Self::Cluster => None,
            Self::Namespace(name) => Some(name),
        }
    }

    /// Whether all requests of `other` are requests of this scope.
    pub fn covers(&self, other: &Self) -> bool {
        scope_covers(self, other)
    }
}

impl Permission {
    /// A permission on a resource, for any name.
    pub fn resource(scope: Scope, group: &str, resource: &str, verb: &str) -> Self {
        let (group, resource, verb) = (group.into(), resource.into(), verb.into());
        Self::Resource { scope, group, resource, verb, name: None }
    }

    /// A permission on a path outside the resource API.
    pub fn path(verb: &str, path: &str) -> Self {
        Self::NonResource { path: path.into(), verb: verb.into() }
    }

    /// The same, limited to one name; no effect on paths.
    #[must_use]
    pub fn named(mut self, wanted: &str) -> Self {
        if let Self::Resource { name, .. } = &mut self {
            *name = Some(wanted.into());
        }
        self
    }

    /// Its verb, perhaps `*`.
    pub fn verb(&self) -> &Arc<str> {
        match self {
            Self::Resource { verb, .. } | Self::NonResource { verb, .. } => verb,
        }
    }

    /// Where it holds; paths are cluster-wide.
    pub fn scope(&self) -> &Scope {
        match self {
            Self::Resource { scope, .. } => scope,
            Self::NonResource { .. } => &Scope::Cluster,
        }
    }

    /// Whether it allows every request that `other` allows.
    pub fn covers(&self, other: &Self) -> bool {
        self.meet(other).as_ref() == Some(other)
    }

    /// The requests that both allow; RBAC's patterns make that one permission or none.
    pub fn meet(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (
                Self::Resource { scope, group, resource, verb, name },
                Self::Resource {
                    scope: scope2,
                    group: group2,
                    resource: resource2,
                    verb: verb2,
                    name: name2,
                },
            ) => Some(Self::Resource {
                scope: meet(scope, scope2, scope_covers)?,
                group: meet(group, group2, |a, b| word_covers(a, b))?,
                resource: meet(resource, resource2, |a, b| resource_covers(a, b))?,
                verb: meet(verb, verb2, |a, b| word_covers(a, b))?,
                name: meet(name, name2, |a, b| name_covers(a.as_ref(), b.as_ref()))?,
            }),
            (Self::NonResource { path, verb }, Self::NonResource { path: path2, verb: verb2 }) => {
                Some(Self::NonResource {
                    path: meet(path, path2, |a, b| path_covers(a, b))?,
                    verb: meet(verb, verb2, |a, b| word_covers(a, b))?,
                })
            }
            _ => None,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster => f.write_str("cluster"),
            Self::Namespace(name) => f.write_str(name),
        }
    }
}

/// As `kubectl auth can-i --list` writes resources: `get deployments.apps/scale`, then name and scope.
impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NonResource { path, verb } => write!(f, "{verb} {path}"),
            Self::Resource { scope, group, resource, verb, name } => {
                let plural = resource.split('/').next().unwrap_or(resource);
                write!(f, "{verb} {plural}")?;
                if !group.is_empty() {
                    write!(f, ".{group}")?;
                }
                if let Some(sub) = subresource(resource) {
                    write!(f, "/{sub}")?;
                }
                if let Some(name) = name {
                    write!(f, " `{name}`")?;
                }
                match scope {
                    Scope::Cluster => f.write_str(" cluster-wide"),
                    Scope::Namespace(namespace) => write!(f, " in namespace {namespace}"),
                }
            }
        }
    }
}
