//! `clusters/…/kubernetes/<resource>.yaml|json`: what `kubectl get RESOURCE --all-namespaces -o yaml` prints.

use std::sync::Arc;

use facts::{ClusterArn, Gap, Place, Problem};
use manifest::Object;
use rbac::{AggregationRule, Binding, PolicyRule, Role, RoleRef, Subject};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Discovery, Kubernetes, KubernetesObject,
    read::{File, Files, Reading},
    redact,
};

/// What Oarlock looks at. Other resources may be there too, and are kept.
const RESOURCES: [&str; 11] = [
    "applications",
    "appprojects",
    "clusterrolebindings",
    "clusterroles",
    "configmaps",
    "customresourcedefinitions",
    "namespaces",
    "rolebindings",
    "roles",
    "secrets",
    "serviceaccounts",
];

pub(crate) fn read(arn: &ClusterArn, files: &Files<'_>, reading: &mut Reading) -> Kubernetes {
    let mut kubernetes = Kubernetes::default();
    for (name, file) in files {
        let Some(name) = name.strip_prefix("kubernetes/") else { continue };
        if name.starts_with("discovery/") {
            let discovery = kubernetes.discovery.get_or_insert_default();
            reading.problems.extend(discovery.add_file(&file.name, &file.bytes).err());
            continue;
        }
        match name.rsplit_once('.').filter(|(resource, _)| !resource.contains('/')) {
            Some((resource, "yaml" | "yml" | "json")) => {
                // `kubectl get applications.argoproj.io` is the same resource.
                let plural = resource.split('.').next().unwrap_or(resource);
                read_resource(plural, file, &mut kubernetes, reading);
            }
            _ => reading.unknown.push(Place::file(Arc::clone(&file.name))),
        }
    }
    add_crds(&mut kubernetes);
    for resource in RESOURCES.iter().filter(|resource| !kubernetes.objects.contains_key(**resource)) {
        kubernetes.gaps.entry((*resource).to_owned()).or_insert_with(|| gap(arn, resource));
    }
    kubernetes
}

fn gap(arn: &ClusterArn, resource: &str) -> Gap {
    Gap::new(format!("the `{resource}` of `{arn}`"), "not in the inventory")
        .filled_by(format!("{} > kubernetes/{resource}.yaml", command(resource)))
}

/// What lists a resource. Of Secrets only Argo CD's own are wanted: nobody shall copy all of a cluster's into a file.
pub(crate) fn command(resource: &str) -> String {
    let only = if resource == "secrets" { " -l argocd.argoproj.io/secret-type" } else { "" };
    format!("kubectl get {resource} --all-namespaces{only} -o yaml")
}

/// A resource of which one object can't be read is a gap as a whole: half a list looks like an absence.
fn read_resource(plural: &str, file: &File, kubernetes: &mut Kubernetes, reading: &mut Reading) {
    let (mut objects, mut problems) = (Vec::new(), Vec::new());
    let (mut roles, mut bindings) = (Vec::new(), Vec::new());
    manifest::read(&file.name, &file.bytes, &mut |object| {
        let added = object.and_then(|object| {
            let body = object.decode()?;
            rbac(&object, &body, &mut roles, &mut bindings)?;
            objects.push(kept(&object, body)?);
            Ok(())
        });
        problems.extend(added.err());
    });
    if problems.is_empty() {
        kubernetes.objects.entry(plural.to_owned()).or_default().extend(objects);
        kubernetes.roles.extend(roles);
        kubernetes.bindings.extend(bindings);
    } else {
        let gap = Gap::new(format!("the `{plural}` in {}", file.name), "the file can't be read");
        kubernetes.gaps.insert(plural.to_owned(), gap);
        reading.problems.extend(problems);
    }
}

fn kept(object: &Object<'_>, mut body: Value) -> Result<KubernetesObject, Problem> {
    if let Some(fields) = body.as_object_mut() {
        // The items of typed lists don't repeat these.
        fields.entry("apiVersion").or_insert_with(|| object.api_version.clone().into());
        fields.entry("kind").or_insert_with(|| object.kind.clone().into());
    }
    if object.kind == "Secret" && object.group().is_empty() {
        redact::secret(&mut body);
    }
    let name = object.metadata.name.clone();
    Ok(KubernetesObject {
        api_version: object.api_version.clone(),
        kind: object.kind.clone(),
        namespace: object.metadata.namespace.clone(),
        name: name
            .ok_or_else(|| Problem::new(object.place.clone(), format!("this {} has no name", object.kind)))?,
        body: body.into(),
        place: object.place.clone(),
    })
}

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

/// Adds a role or binding; of other objects nothing.
pub(crate) fn rbac(
    object: &Object<'_>,
    body: &Value,
    roles: &mut Vec<Role>,
    bindings: &mut Vec<Binding>,
) -> Result<(), Problem> {
    if object.group() != "rbac.authorization.k8s.io" {
        return Ok(());
    }
    let metadata = &object.metadata;
    let name = metadata.name.clone().unwrap_or_default();
    let place = Some(object.place.clone());
    match object.kind.as_str() {
        "Role" | "ClusterRole" => {
            let body: RoleBody = shaped(object, body)?;
            roles.push(Role {
                namespace: metadata.namespace.clone(),
                name,
                labels: metadata.labels.clone(),
                rules: body.rules.unwrap_or_default().into(),
                aggregation: body.aggregation_rule,
                place,
            });
        }
        "RoleBinding" | "ClusterRoleBinding" => {
            let body: BindingBody = shaped(object, body)?;
            let subjects = body.subjects.unwrap_or_default();
            bindings.push(Binding {
                namespace: metadata.namespace.clone(),
                name,
                role_ref: body.role_ref,
                subjects,
                place,
            });
        }
        _ => {}
    }
    Ok(())
}

/// An object's tree as a type. What isn't of its shape is parsed once more, by what tells where and why.
fn shaped<T: DeserializeOwned>(object: &Object<'_>, body: &Value) -> Result<T, Problem> {
    T::deserialize(body).or_else(|_| object.decode())
}

/// CRDs tell the kinds that they add. Where discovery wasn't read, Kubernetes' own table tells the others.
fn add_crds(kubernetes: &mut Kubernetes) {
    let crds = kubernetes.objects.get("customresourcedefinitions").map_or(&[][..], Vec::as_slice);
    if crds.is_empty() {
        return;
    }
    let discovery = kubernetes.discovery.get_or_insert_with(|| Discovery::builtin().clone());
    for crd in crds {
        discovery.add_crd(&crd.body.value());
    }
}
