//! The few bodies that decide permissions: RBAC objects, CustomResourceDefinitions, admission policies with parameters.

use facts::Problem;
use inventory::ApiResource;
use manifest::Object;
use rbac::{AggregationRule, Binding, PolicyRule, Role, RoleRef, Subject};
use serde::Deserialize;

use super::ParamsBody;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleBody {
    rules: Option<Vec<PolicyRule>>,
    aggregation_rule: Option<AggregationRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BindingBody {
    role_ref: RoleRef,
    subjects: Option<Vec<Subject>>,
}

#[derive(Deserialize)]
struct DefinitionBody {
    spec: DefinitionSpec,
}

#[derive(Deserialize)]
struct DefinitionSpec {
    group: String,
    names: DefinitionNames,
    scope: String,
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    versions: Vec<DefinitionVersion>,
    #[serde(default)]
    subresources: Option<Subresources>,
}

#[derive(Deserialize)]
struct DefinitionNames {
    plural: String,
    kind: String,
}

#[derive(Deserialize)]
struct DefinitionVersion {
    name: String,
    #[serde(default = "yes")]
    served: bool,
    #[serde(default)]
    subresources: Option<Subresources>,
}

#[derive(Clone, Deserialize)]
struct Subresources {
    status: Option<serde::de::IgnoredAny>,
    scale: Option<serde::de::IgnoredAny>,
}

fn yes() -> bool {
    true
}

pub(super) fn role(object: &Object<'_>) -> Result<Role, Problem> {
    let body: RoleBody = object.decode()?;
    Ok(Role {
        namespace: object.metadata.namespace.clone().filter(|_| object.kind == "Role"),
        name: object.metadata.name.clone().unwrap_or_default(),
        labels: object.metadata.labels.clone(),
        rules: body.rules.unwrap_or_default().into(),
        aggregation: body.aggregation_rule.filter(|_| object.kind == "ClusterRole"),
        place: Some(object.place.clone()),
    })
}

pub(super) fn binding(object: &Object<'_>) -> Result<Binding, Problem> {
    let body: BindingBody = object.decode()?;
    Ok(Binding {
        namespace: object.metadata.namespace.clone().filter(|_| object.kind == "RoleBinding"),
        name: object.metadata.name.clone().unwrap_or_default(),
        role_ref: body.role_ref,
        subjects: body.subjects.unwrap_or_default(),
        place: Some(object.place.clone()),
    })
}

/// One resource for each served version (apiextensions.k8s.io; v1beta1's single `version` too).
pub(super) fn definition(object: &Object<'_>) -> Result<Vec<ApiResource>, Problem> {
    let DefinitionBody { spec } = object.decode()?;
    let old =
        spec.version.into_iter().map(|name| DefinitionVersion { name, served: true, subresources: None });
    let mut versions: Vec<DefinitionVersion> = spec.versions;
    if versions.is_empty() {
        versions.extend(old);
    }
    let verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
    let resources = versions.into_iter().filter(|version| version.served).map(|version| {
        let subresources = version.subresources.or_else(|| spec.subresources.clone());
        ApiResource {
            group: spec.group.clone(),
            version: version.name,
            kind: spec.names.kind.clone(),
            plural: spec.names.plural.clone(),
            namespaced: spec.scope == "Namespaced",
            verbs: verbs.map(str::to_owned).to_vec(),
            subresources: subresources.map(names).unwrap_or_default(),
        }
    });
    Ok(resources.collect())
}

#[derive(Deserialize)]
struct PolicyBody {
    spec: PolicySpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicySpec {
    param_kind: Option<ParamKind>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ParamKind {
    api_version: String,
    kind: String,
}

#[derive(Deserialize)]
struct PolicyBindingBody {
    spec: PolicyBindingSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyBindingSpec {
    policy_name: String,
    param_ref: Option<ParamRef>,
}

#[derive(Deserialize)]
struct ParamRef {
    name: Option<String>,
    namespace: Option<String>,
}

/// `None` for a policy without parameters.
pub(super) fn policy(object: &Object<'_>) -> Result<Option<ParamsBody>, Problem> {
    let PolicyBody { spec } = object.decode()?;
    Ok(spec.param_kind.map(|ParamKind { api_version, kind }| {
        let group = api_version.split_once('/').map_or("", |(group, _)| group).to_owned();
        ParamsBody::Policy { group, kind }
    }))
}

/// `None` for a binding without parameters.
pub(super) fn policy_binding(object: &Object<'_>) -> Result<Option<ParamsBody>, Problem> {
    let PolicyBindingBody { spec } = object.decode()?;
    let PolicyBindingSpec { policy_name: policy, param_ref } = spec;
    let named = |text: Option<String>| text.filter(|text| !text.is_empty());
    Ok(param_ref.map(|ParamRef { name, namespace }| ParamsBody::Binding {
        policy,
        namespace: named(namespace),
        name: named(name),
    }))
}

fn names(subresources: Subresources) -> Vec<String> {
    let status = subresources.status.map(|_| "status".to_owned());
    let scale = subresources.scale.map(|_| "scale".to_owned());
    status.into_iter().chain(scale).collect()
}
