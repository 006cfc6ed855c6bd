//! Rules as Kubernetes writes them.

use serde::{Deserialize, Serialize};

/// `rbac.authorization.k8s.io/v1` PolicyRule, field by field (staging/src/k8s.io/api/rbac/v1/types.go).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyRule {
    /// API groups; `""` is the core group, `*` all.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "crate::object::null_as_empty")]
    pub api_groups: Vec<String>,
    /// Resources and subresources: `pods`, `pods/log`, `*/scale`, `*`.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "crate::object::null_as_empty")]
    pub resources: Vec<String>,
    /// Names the rule is limited to; empty means any.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "crate::object::null_as_empty")]
    pub resource_names: Vec<String>,
    /// Paths outside the resource API: exact, or ending in `*`. Only in ClusterRoles.
    #[serde(rename = "nonResourceURLs", skip_serializing_if = "Vec::is_empty", deserialize_with = "crate::object::null_as_empty")]
    pub non_resource_urls: Vec<String>,
    /// Verbs, `*` for all.
    #[serde(deserialize_with = "crate::object::null_as_empty")]
    pub verbs: Vec<String>,
}
