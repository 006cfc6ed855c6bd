//! Needs as RBAC objects for whoever is to hold them, without a fleet: what `oarlock needs -o yaml` prints.

use argocd::{Identity, Needs};
use rbac::{PermissionSet, Scope};
use serde_json::{Value, json};

use crate::{KubernetesObject, Ownership, names};

const API: &str = "rbac.authorization.k8s.io";

/// ClusterRoles and Roles with bindings: Argo CD's own needs to a group, those of impersonated service accounts to them.
pub fn for_group(needs: &Needs, group: &str) -> Vec<KubernetesObject> {
    let mut holders: Vec<(String, Value, PermissionSet)> = Vec::new();
    for need in &needs.needs {
        let (name, subject) = subject(&need.identity, group);
        match holders.iter_mut().find(|(known, ..)| *known == name) {
            Some((.., permissions)) => _ = permissions.insert(need.permission.clone()),
            None => holders.push((name, subject, [need.permission.clone()].into_iter().collect())),
        }
    }
    holders.iter().flat_map(|(name, subject, permissions)| objects(name, subject, permissions)).collect()
}

fn subject(identity: &Identity, group: &str) -> (String, Value) {
    match identity {
        Identity::Controller | Identity::Server => (
            names::subdomain(&format!("oarlock-{}", group.replace(':', "-").to_lowercase())),
            json!({ "kind": "Group", "apiGroup": API, "name": group }),
        ),
        Identity::Impersonated { namespace, name } => (
            names::subdomain(&format!("oarlock-{namespace}-{name}")),
            json!({ "kind": "ServiceAccount", "name": name, "namespace": namespace }),
        ),
    }
}

fn objects(name: &str, subject: &Value, permissions: &PermissionSet) -> Vec<KubernetesObject> {
    let rules = rbac::merge::rules(permissions);
    let pairs = rules.iter().map(|(scope, rules)| {
        let (role, binding) = match scope {
            Scope::Cluster => ("ClusterRole", "ClusterRoleBinding"),
            Scope::Namespace(_) => ("Role", "RoleBinding"),
        };
        let reference = json!({ "apiGroup": API, "kind": role, "name": name });
        [
            object(role, scope, name, json!({ "rules": rules })),
            object(binding, scope, name, json!({ "roleRef": reference, "subjects": [subject] })),
        ]
    });
    pairs.flatten().collect()
}

fn object(kind: &str, scope: &Scope, name: &str, content: Value) -> KubernetesObject {
    let namespace = scope.namespace();
    let mut metadata = json!({ "name": name });
    if let (Some(metadata), Some(namespace)) = (metadata.as_object_mut(), namespace) {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    let mut body = json!({ "apiVersion": format!("{API}/v1"), "kind": kind, "metadata": metadata });
    if let (Some(body), Value::Object(content)) = (body.as_object_mut(), content) {
        body.extend(content);
    }
    KubernetesObject {
        api_version: format!("{API}/v1"),
        kind: kind.to_owned(),
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
        body: body.into(),
        ownership: Ownership::Whole,
    }
}
