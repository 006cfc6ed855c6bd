//! Roles and bindings as Kubernetes stores them, and where they were written.

use std::{collections::BTreeMap, sync::Arc};

use facts::Place;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{Identity, PolicyRule};

/// A Role (with a namespace) or a ClusterRole (without).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Absent for a ClusterRole.
    pub namespace: Option<String>,
    /// `metadata.name`
    pub name: String,
    /// `metadata.labels`: aggregation selects by them.
    pub labels: BTreeMap<String, String>,
    /// The rules as written. A copy shares them: a fleet has hundreds of thousands.
    pub rules: Arc<[PolicyRule]>,
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

/// The parts of `metadata` that decide anything.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    name: String,
    #[serde(deserialize_with = "empty_as_none")]
    namespace: Option<String>,
    #[serde(deserialize_with = "null_as_empty")]
    labels: BTreeMap<String, String>,
}

/// From a Role or ClusterRole as `kubectl get -o json` prints it; the place stays open.
impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Shape {
            metadata: Metadata,
            #[serde(default, deserialize_with = "null_as_empty")]
            rules: Vec<PolicyRule>,
            aggregation_rule: Option<AggregationRule>,
        }
        let Shape { metadata, rules, aggregation_rule } = Shape::deserialize(deserializer)?;
        let Metadata { name, namespace, labels } = metadata;
        Ok(Self { namespace, name, labels, rules: rules.into(), aggregation: aggregation_rule, place: None })
    }
}

/// From a RoleBinding or ClusterRoleBinding as `kubectl get -o json` prints it; the place stays open.
impl<'de> Deserialize<'de> for Binding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Shape {
            metadata: Metadata,
            role_ref: RoleRef,
            #[serde(default, deserialize_with = "null_as_empty")]
            subjects: Vec<Subject>,
        }
        let Shape { metadata: Metadata { name, namespace, .. }, role_ref, subjects } =
            Shape::deserialize(deserializer)?;
        Ok(Self { namespace, name, role_ref, subjects, place: None })
    }
}

impl Role {
    /// `Role` or `ClusterRole`.
    pub fn kind(&self) -> &'static str {
        if self.namespace.is_some() { "Role" } else { "ClusterRole" }
    }
}

impl Binding {
    /// `RoleBinding` or `ClusterRoleBinding`.
    pub fn kind(&self) -> &'static str {
        if self.namespace.is_some() { "RoleBinding" } else { "ClusterRoleBinding" }
    }

    /// The first subject that is this identity or one of its groups (`appliesTo`, pkg/registry/rbac/validation/rule.go).
    pub fn subject_for(&self, identity: &Identity) -> Option<&Subject> {
        self.subjects.iter().find(|subject| match subject.kind.as_str() {
            "User" => subject.name == identity.user,
            "Group" => identity.groups.contains(&subject.name),
            _ => self.account(subject).is_some_and(|account| account == identity.user),
        })
    }

    /// The user name of a subject that is a service account.
    ///
    /// One without namespace means the binding's own; in a ClusterRoleBinding it means nobody.
    pub(crate) fn account(&self, subject: &Subject) -> Option<String> {
        if subject.kind != "ServiceAccount" {
            return None;
        }
        let own = subject.namespace.as_deref().filter(|namespace| !namespace.is_empty());
        let namespace = own.or(self.namespace.as_deref())?;
        Some(format!("system:serviceaccount:{namespace}:{}", subject.name))
    }
}

/// Kubernetes takes `rules: null` for `rules: []`.
pub(crate) fn null_as_empty<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// An empty namespace is none.
fn empty_as_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.is_empty()))
}
