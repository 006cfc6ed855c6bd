//! What people choose for RBAC objects that an Application ships.

use std::{fmt, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What lets Argo CD write a Role, ClusterRole or binding (Kubernetes, "Privilege escalation prevention").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Argo CD's identity holds the rules itself, wildcards included.
    Hold,
    /// Verb `bind` on the role's name: for bindings; the role itself must be written by somebody else, or be held.
    Bind,
    /// Verb `escalate` on the role's name: for roles that exist already, or with server-side apply.
    Escalate,
}

impl Choice {
    /// As people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Bind => "bind",
            Self::Escalate => "escalate",
        }
    }
}

/// Names one RBAC object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    /// `Role`, `ClusterRole`, `RoleBinding` or `ClusterRoleBinding`.
    pub kind: Arc<str>,
    /// Absent for cluster-scoped objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Arc<str>>,
    /// `metadata.name`
    pub name: Arc<str>,
}

impl ObjectRef {
    /// An object; `namespace` is absent for cluster-scoped ones.
    pub fn new(kind: &str, namespace: Option<&str>, name: &str) -> Self {
        Self { kind: kind.into(), namespace: namespace.map(Into::into), name: name.into() }
    }

    /// `Kind/name` or `Kind/namespace/name`, as people write it where they choose.
    pub fn path(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{}/{namespace}/{}", self.kind, self.name),
            None => format!("{}/{}", self.kind, self.name),
        }
    }
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}
