//! Roles and bindings as Kubernetes stores them, and where they were written.

use std::collections::BTreeMap;

use facts::Place;
use serde::{Deserialize, Deserializer, Serialize};

use crate::PolicyRule;

/// A Role (with a namespace) or a ClusterRole (without).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Absent for a ClusterRole.
    pub namespace: Option<String>,
    /// `metadata.name`
    pub name: String,
    /// `metadata.labels`: aggregation selects by them.
    pub labels: BTreeMap<String, String>,
    /// The rules as written.
    pub rules: Vec<PolicyRule>,
    /// Only in ClusterRoles: the rules are those of the selected ClusterRoles.
    pub aggregation: Option<AggregationRule>,
    /// Where it was written.
    pub place: Option<Place>,
}

/// `aggregationRule` of a ClusterRole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AggregationRule {
    /// A ClusterRole that any of these selects is taken in.
    #[serde(deserialize_with = "null_as_empty")]
    pub cluster_role_selectors: Vec<LabelSelector>,
}

/// `metav1.LabelSelector`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LabelSelector {
    /// All of these labels with these values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "null_as_empty")]
    pub match_labels: BTreeMap<String, String>,
    /// And all of these conditions.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_empty")]
    pub match_expressions: Vec<LabelSelectorRequirement>,
}

/// One condition of a selector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelSelectorRequirement {
    /// The label.
    pub key: String,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    pub operator: String,
    /// Values for `In` and `NotIn`.
    #[serde(default, deserialize_with = "null_as_empty")]
    pub values: Vec<String>,
}

/// A RoleBinding (with a namespace) or a ClusterRoleBinding (without).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Absent for a ClusterRoleBinding.
    pub namespace: Option<String>,
    /// `metadata.name`
    pub name: String,
    /// What is bound.
    pub role_ref: RoleRef,
    /// To whom.
    pub subjects: Vec<Subject>,
    /// Where it was written.
    pub place: Option<Place>,
}

/// `roleRef` of a binding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleRef {
    /// Always `rbac.authorization.k8s.io` in legal bindings.
    #[serde(default)]
    pub api_group: String,
    /// `Role` or `ClusterRole`.
    pub kind: String,
    /// The role's name.
    pub name: String,
}

/// One subject of a binding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: String,
    /// `rbac.authorization.k8s.io` for users and groups, empty for service accounts.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub api_group: String,
    /// The user, group or service account.
    pub name: String,
    /// Only for service accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

/// Kubernetes takes `rules: null` for `rules: []`.
pub(crate) fn null_as_empty<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
