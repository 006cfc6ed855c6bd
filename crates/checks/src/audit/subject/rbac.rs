//! Roles with their rules, each with where it stands: many checks look at them, and they are read once.

use rbac::PolicyRule;

use super::Object;
use crate::audit::source::Node;

/// A Role or ClusterRole that people wrote.
#[derive(Debug)]
pub(crate) struct RoleSubject<'s> {
    pub(crate) object: Object<'s>,
    /// Those that can be read.
    pub(crate) rules: Vec<(&'s Node, PolicyRule)>,
}

/// All ClusterRoles, then all Roles; Kubernetes' own and EKS's are theirs.
pub(super) fn roles<'s>(objects: &[Object<'s>]) -> Vec<RoleSubject<'s>> {
    let of_kind = |kind: &'static str| objects.iter().filter(move |object| object.kind == kind);
    let own = of_kind("ClusterRole").chain(of_kind("Role")).filter(|role| !role.is_built_in());
    own.map(|role| RoleSubject { object: *role, rules: rules(role) }).collect()
}

fn rules<'s>(role: &Object<'s>) -> Vec<(&'s Node, PolicyRule)> {
    let nodes = role.node.get("rules").map(Node::items).unwrap_or_default();
    nodes.iter().filter_map(|node| Some((node, serde_json::from_value(node.to_value()).ok()?))).collect()
}
