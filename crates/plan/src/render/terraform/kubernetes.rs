//! Kubernetes' objects: the provider's typed resources where they can say everything, else `kubernetes_manifest`.

use serde_json::{Map, Value, json};

use super::{
    depends_on,
    hcl::{Body, Expr},
    names::Names,
};
use crate::{DesiredObject, KubernetesObject, Ownership, Restart, render::FIELD_MANAGER};

/// The variable that leaves out what Argo CD's Helm chart sets.
pub(super) const BY_HELM: &str = "argo_cd_by_helm";

/// Writes `wanted` as one resource, or as several where it is a part of somebody else's object.
pub(super) fn object(
    body: Body,
    object: &DesiredObject,
    wanted: &KubernetesObject,
    by_helm: bool,
    names: &mut Names,
) -> Body {
    let resources = match wanted.ownership {
        Ownership::Whole => vec![typed(wanted).unwrap_or_else(|| manifest(wanted))],
        Ownership::Fields => fields(wanted).unwrap_or_else(|| vec![manifest(wanted)]),
    };
    let needed = names.needed_by(object);
    let mut body = body.comment(&object.reason);
    for (kind, inside) in resources {
        let name = match kind {
            "kubernetes_manifest" | "kubernetes_annotations" | "kubernetes_labels" => {
                format!("{}_{}", wanted.kind, wanted.qualified_name())
            }
            _ => wanted.qualified_name(),
        };
        let label = names.object(object, kind, &name);
        let count = Body::default().set("count", Expr::raw(format!("var.{BY_HELM} ? 0 : 1"))).blank();
        let inside = if by_helm { count.then(inside) } else { inside };
        body = body.resource(kind, &label, depends_on(inside, needed.clone()));
    }
    body
}

/// Whether all that is wanted of somebody else's object is that it is there. No resource says that: one that makes the
/// object would also delete it some day, and a namespace takes everything in it along.
pub(super) fn only_exists(object: &KubernetesObject) -> bool {
    object.ownership == Ownership::Fields && fields(object).is_some_and(|resources| resources.is_empty())
}

/// Restarts workloads whenever `cause` changes, by an annotation of their pods, as `kubectl rollout restart` does.
pub(super) fn restart(
    mut body: Body,
    object: &DesiredObject,
    wanted: &Restart,
    cause: &str,
    names: &mut Names,
) -> Body {
    let needed = names.needed_by(object);
    body = body.comment(&object.reason);
    for workload in &wanted.workloads {
        let (kind, name) = workload.split_once('/').unwrap_or(("deployment", workload));
        let kind = if kind == "statefulset" { "StatefulSet" } else { "Deployment" };
        let whose = Body::default().set("name", name).set("namespace", wanted.namespace.as_str());
        let inside = Body::default()
            .set("api_version", "apps/v1")
            .set("kind", kind)
            .block("metadata", whose)
            .blank()
            .set("template_annotations", json!({ "oarlock.dev/restarted-for": cause }));
        let label = names.object(object, "kubernetes_annotations", &format!("restart_{name}"));
        body = body.resource("kubernetes_annotations", &label, depends_on(manager(inside), needed.clone()));
    }
    body
}

/// The parts of a manifest, taken out one by one: what is left over a typed resource cannot say.
#[derive(Default)]
struct Parts(Map<String, Value>);

impl Parts {
    fn of(value: &Value) -> Option<Self> {
        value.as_object().cloned().map(Self)
    }

    fn take(&mut self, key: &str) -> Option<Value> {
        self.0.shift_remove(key)
    }

    fn empty(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }

    /// Moves attributes over under the provider's names.
    fn set(&mut self, mut body: Body, attributes: &[(&str, &str)]) -> Body {
        for (theirs, ours) in attributes {
            if let Some(value) = self.take(theirs) {
                body = body.set(ours, value);
            }
        }
        body
    }
}

fn typed(object: &KubernetesObject) -> Option<(&'static str, Body)> {
    let mut parts = Parts::of(&object.body.value())?;
    parts.take("apiVersion");
    parts.take("kind");
    let body = Body::default().block("metadata", metadata(&parts.take("metadata")?)?);
    let group = object.api_version.rsplit_once('/').map_or("", |(group, _)| group);
    let (kind, body) = match (group, object.kind.as_str()) {
        ("", "Namespace") => ("kubernetes_namespace_v1", body),
        ("", "ServiceAccount") => ("kubernetes_service_account_v1", service_account(body, &mut parts)),
        ("", "ConfigMap") => ("kubernetes_config_map_v1", config_map(body, &mut parts)),
        ("", "Secret") => ("kubernetes_secret_v1", secret(body, &mut parts)?),
        ("rbac.authorization.k8s.io", "ClusterRole") => {
            ("kubernetes_cluster_role_v1", rules(body, &mut parts)?)
        }
        ("rbac.authorization.k8s.io", "Role") => ("kubernetes_role_v1", rules(body, &mut parts)?),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding") => {
            ("kubernetes_cluster_role_binding_v1", binding(body, &mut parts)?)
        }
        ("rbac.authorization.k8s.io", "RoleBinding") => {
            ("kubernetes_role_binding_v1", binding(body, &mut parts)?)
        }
        _ => return None,
    };
    parts.empty()?;
    Some((kind, body))
}

fn metadata(value: &Value) -> Option<Body> {
    let mut parts = Parts::of(value)?;
    let attributes = ["name", "namespace", "labels", "annotations"].map(|key| (key, key));
    let body = parts.set(Body::default(), &attributes);
    parts.empty()?;
    Some(body)
}

fn service_account(body: Body, parts: &mut Parts) -> Body {
    let body = body.blank();
    parts.set(body, &[("automountServiceAccountToken", "automount_service_account_token")])
}

fn config_map(body: Body, parts: &mut Parts) -> Body {
    parts.set(body.blank(), &[("data", "data"), ("binaryData", "binary_data"), ("immutable", "immutable")])
}

/// The provider's `data` is plain text, as `stringData` is; its `binary_data` is base64, as the manifest's `data` is.
fn secret(body: Body, parts: &mut Parts) -> Option<Body> {
    let body = parts.set(body.blank(), &[("type", "type"), ("immutable", "immutable")]).blank();
    let overlapping = parts
        .0
        .get("stringData")
        .and_then(Value::as_object)
        .zip(parts.0.get("data").and_then(Value::as_object));
    if overlapping.is_some_and(|(plain, encoded)| plain.keys().any(|key| encoded.contains_key(key))) {
        return None;
    }
    Some(parts.set(body, &[("stringData", "data"), ("data", "binary_data")]))
}

const RULE: [(&str, &str); 5] = [
    ("apiGroups", "api_groups"),
    ("resources", "resources"),
    ("resourceNames", "resource_names"),
    ("nonResourceURLs", "non_resource_urls"),
    ("verbs", "verbs"),
];

fn rules(mut body: Body, parts: &mut Parts) -> Option<Body> {
    for rule in parts.take("rules").unwrap_or_else(|| json!([])).as_array()? {
        let mut rule = Parts::of(rule)?;
        let inside = rule.set(Body::default(), &RULE);
        rule.empty()?;
        body = body.block("rule", inside);
    }
    Some(body)
}

fn binding(body: Body, parts: &mut Parts) -> Option<Body> {
    let mut role = Parts::of(&parts.take("roleRef")?)?;
    let names = [("apiGroup", "api_group"), ("kind", "kind"), ("name", "name"), ("namespace", "namespace")];
    let mut body = body.block("role_ref", role.set(Body::default(), &names));
    role.empty()?;
    for subject in parts.take("subjects").unwrap_or_else(|| json!([])).as_array()? {
        let mut subject = Parts::of(subject)?;
        body = body.block("subject", subject.set(Body::default(), &names));
        subject.empty()?;
    }
    Some(body)
}

/// Keys of a ConfigMap, annotations and labels: what the provider can set in an object that is not its own.
fn fields(object: &KubernetesObject) -> Option<Vec<(&'static str, Body)>> {
    let mut parts = Parts::of(&object.body.value())?;
    parts.take("apiVersion");
    parts.take("kind");
    let mut metadata = Parts::of(&parts.take("metadata")?)?;
    let mut place = Parts::default();
    for key in ["name", "namespace"] {
        if let Some(value) = metadata.take(key) {
            place.0.insert(key.to_owned(), value);
        }
    }
    let place = place.set(Body::default(), &[("name", "name"), ("namespace", "namespace")]);
    let mut resources = Vec::new();
    for (key, kind) in [("annotations", "kubernetes_annotations"), ("labels", "kubernetes_labels")] {
        if let Some(values) = metadata.take(key) {
            let whose = Body::default()
                .set("api_version", object.api_version.as_str())
                .set("kind", object.kind.as_str());
            let body = whose.block("metadata", place.clone()).blank().set(key, values);
            resources.push((kind, manager(body)));
        }
    }
    if object.kind == "ConfigMap"
        && object.api_version == "v1"
        && let Some(values) = parts.take("data")
    {
        let body = Body::default().block("metadata", place).blank().set("data", values);
        resources.push(("kubernetes_config_map_v1_data", manager(body)));
    }
    metadata.empty()?;
    parts.empty()?;
    Some(resources)
}

/// No `force`: a conflict with whoever sets the field today is for people to decide.
fn manager(body: Body) -> Body {
    body.blank().set("field_manager", FIELD_MANAGER).set("force", json!(false))
}

fn manifest(object: &KubernetesObject) -> (&'static str, Body) {
    let manager = Body::default().set("name", FIELD_MANAGER).set("force_conflicts", json!(false));
    let body =
        Body::default().set("manifest", Expr::Value(object.body.value())).block("field_manager", manager);
    let keep = Body::default().set("prevent_destroy", json!(true));
    let body = match object.ownership {
        Ownership::Whole => body,
        // The provider can't set fields without taking the object for its own: it must not delete it.
        Ownership::Fields => body.block("lifecycle", keep),
    };
    ("kubernetes_manifest", body)
}
