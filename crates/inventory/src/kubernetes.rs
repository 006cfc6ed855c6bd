//! Kubernetes objects as `kubectl get … -o yaml|json` prints them, and API discovery.

use std::collections::BTreeMap;

use facts::Problem;
use manifest::Object;
use rbac::{Binding, PolicyRule, Role, RoleRef, Subject};
use serde::Deserialize;
use serde_json::Value;

use crate::{Discovery, Kubernetes, KubernetesObject, read::File, redact};

const RBAC: &str = "rbac.authorization.k8s.io";

/// Reads `<resource>.yaml|json` and `discovery/<group>_<version>.json`.
pub(crate) fn read(files: &[(&str, &File)]) -> Result<Kubernetes, Vec<Problem>> {
    let mut kubernetes = Kubernetes::default();
    let mut problems = Vec::new();
    for (path, file) in files {
        if path.starts_with("discovery/") {
            let discovery = kubernetes.discovery.get_or_insert_with(Discovery::default);
            problems.extend(discovery.add_file(&file.name, &file.bytes).err());
            continue;
        }
        let Some((resource, _)) = path.rsplit_once('.') else { continue };
        let objects = kubernetes.objects.entry(resource.to_owned()).or_default();
        let (roles, bindings) = (&mut kubernetes.roles, &mut kubernetes.bindings);
        manifest::read(&file.name, &file.bytes, &mut |object| {
            let added = object.and_then(|object| {
                match (object.group(), object.kind.as_str()) {
                    (RBAC, "Role" | "ClusterRole") => roles.push(role(&object)?),
                    (RBAC, "RoleBinding" | "ClusterRoleBinding") => bindings.push(binding(&object)?),
                    _ => {}
                }
                objects.push(kubernetes_object(&object)?);
                Ok(())
            });
            problems.extend(added.err());
        });
    }
    if problems.is_empty() { Ok(kubernetes) } else { Err(problems) }
}

fn kubernetes_object(object: &Object<'_>) -> Result<KubernetesObject, Problem> {
    let mut body: Value = object.decode()?;
    if let Some(metadata) = body.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    if object.group().is_empty() && object.kind == "Secret" {
        redact::secret(&mut body);
    }
    Ok(KubernetesObject {
        api_version: object.api_version.clone(),
        kind: object.kind.clone(),
        namespace: object.metadata.namespace.clone(),
        name: object.metadata.name.clone().unwrap_or_default(),
        body,
        place: object.place.clone(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleBody {
    rules: Option<Vec<PolicyRule>>,
    aggregation_rule: Option<rbac::AggregationRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BindingBody {
    role_ref: RoleRef,
    subjects: Option<Vec<Subject>>,
}

fn role(object: &Object<'_>) -> Result<Role, Problem> {
    let body: RoleBody = object.decode()?;
    let labels: BTreeMap<String, String> = object.metadata.labels.clone();
    Ok(Role {
        namespace: namespace(object, "Role"),
        name: object.metadata.name.clone().unwrap_or_default(),
        labels,
        rules: body.rules.unwrap_or_default(),
        aggregation: body.aggregation_rule,
        place: Some(object.place.clone()),
    })
}

fn binding(object: &Object<'_>) -> Result<Binding, Problem> {
    let body: BindingBody = object.decode()?;
    Ok(Binding {
        namespace: namespace(object, "RoleBinding"),
        name: object.metadata.name.clone().unwrap_or_default(),
        role_ref: body.role_ref,
        subjects: body.subjects.unwrap_or_default(),
        place: Some(object.place.clone()),
    })
}

fn namespace(object: &Object<'_>, namespaced: &str) -> Option<String> {
    (object.kind == namespaced).then(|| object.metadata.namespace.clone().unwrap_or_else(|| "default".to_owned()))
}
