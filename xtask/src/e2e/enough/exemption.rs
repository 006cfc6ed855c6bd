//! Needs that nothing in these cases makes Argo CD ask for, each with its reason.

use rbac::Permission;

use super::case::Need;

/// Why a need isn't exercised, if there is a reason.
pub(super) fn reason(need: &Need) -> Option<&'static str> {
    if need.beyond.is_some() {
        return Some("the plan says itself that it is beyond what is deployed");
    }
    match &need.permission {
        Permission::NonResource { .. } => {
            Some("which of the discovery documents a client reads depends on those that it has kept")
        }
        Permission::Resource { group, resource, verb, .. } => of_resource(group, resource, verb),
    }
}

fn of_resource(group: &str, resource: &str, verb: &str) -> Option<&'static str> {
    match (group, resource, verb) {
        ("apiextensions.k8s.io", "customresourcedefinitions", _) => Some(
            "definitions carry no tracking id: they are in no tree, and no difference of theirs is mended",
        ),
        ("", "namespaces", "create" | "patch") => {
            Some("the namespace is there already, since Oarlock's own Roles are in it")
        }
        _ => None,
    }
}
