//! RBAC: what Roles and bindings give, and what that leads to.

pub(crate) mod argocd_manager_left;
pub(crate) mod bound_to_anybody;
pub(crate) mod bound_to_system_masters;
pub(crate) mod cluster_admin_binding;
pub(crate) mod cluster_resource_in_role;
pub(crate) mod default_service_account_bound;
pub(crate) mod escalating_role;
pub(crate) mod eternal_token;
pub(crate) mod missing_role;
pub(crate) mod names_on_create;
pub(crate) mod reaches_everything;
pub(crate) mod subresources_of_all;
pub(crate) mod wildcard_role;

use ::rbac::{PolicyRule, RoleRef, Subject};

use super::{
    source::Node,
    subject::{Object, Scene},
};

/// Roles and ClusterRoles that people wrote: Kubernetes' own and EKS's are theirs.
fn roles<'a, 's>(scene: &'a Scene<'s>) -> impl Iterator<Item = &'a Object<'s>> {
    scene.of_kind("ClusterRole").chain(scene.of_kind("Role")).filter(|role| !is_built_in(role))
}

/// RoleBindings and ClusterRoleBindings that people wrote.
fn bindings<'a, 's>(scene: &'a Scene<'s>) -> impl Iterator<Item = &'a Object<'s>> {
    scene
        .of_kind("ClusterRoleBinding")
        .chain(scene.of_kind("RoleBinding"))
        .filter(|binding| !is_built_in(binding))
}

fn is_built_in(object: &Object<'_>) -> bool {
    object.label("kubernetes.io/bootstrapping") == Some("rbac-defaults")
        || object.name.starts_with("system:")
        || object.name.starts_with("eks:")
}

/// The rules of a role, each with where it stands.
fn rules<'s>(role: &Object<'s>) -> impl Iterator<Item = (&'s Node, PolicyRule)> + use<'s> {
    let nodes = role.node.get("rules").map(Node::items).unwrap_or_default();
    nodes.iter().filter_map(|node| Some((node, serde_json::from_value(node.to_value()).ok()?)))
}

fn role_ref(binding: &Object<'_>) -> Option<RoleRef> {
    serde_json::from_value(binding.node.get("roleRef")?.to_value()).ok()
}

/// The subjects of a binding, each with where its name stands.
fn subjects<'s>(binding: &Object<'s>) -> impl Iterator<Item = (&'s Node, Subject)> + use<'s> {
    let nodes = binding.node.get("subjects").map(Node::items).unwrap_or_default();
    nodes.iter().filter_map(|node| {
        Some((node.get("name").unwrap_or(node), serde_json::from_value(node.to_value()).ok()?))
    })
}

/// For a sentence.
fn subject_title(subject: &Subject) -> String {
    match &subject.namespace {
        Some(namespace) => format!("{} `{namespace}/{}`", subject.kind, subject.name),
        None => format!("{} `{}`", subject.kind, subject.name),
    }
}
