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

use ::rbac::{RoleRef, Subject};

use super::{
    source::Node,
    subject::{Object, Scene},
};

/// RoleBindings and ClusterRoleBindings that people wrote.
fn bindings<'a, 's>(scene: &'a Scene<'s>) -> impl Iterator<Item = &'a Object<'s>> {
    scene
        .of_kind("ClusterRoleBinding")
        .chain(scene.of_kind("RoleBinding"))
        .filter(|binding| !binding.is_built_in())
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
