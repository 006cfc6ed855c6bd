//! Requests that Argo CD's code makes and does without, whatever the answer: that one is refused is no failure.

use rbac::Permission;

use super::case::{Case, Identity};

/// Whether a refusal that Oarlock didn't foresee keeps Argo CD from nothing.
pub(super) fn is_harmless(case: &Case, identity: &Identity, permission: &Permission) -> bool {
    let Permission::Resource { group, resource, verb, name, .. } = permission else { return false };
    let by_controller = *identity == Identity::Controller;
    match (&**group, &**resource, &**verb) {
        // The namespace of an object that kubectl didn't find, only to say so in its error (k8s.io/cli-runtime,
        // pkg/resource/visitor.go, Info.Get).
        ("", "namespaces", "get") => true,
        // All definitions, where the API server doesn't publish the schema of a new kind yet (k8s.io/cli-runtime,
        // pkg/resource/query_param_verifier_v3.go, HasSupport).
        ("apiextensions.k8s.io", "customresourcedefinitions", "list") => true,
        // With `resource.respectRBAC` Argo CD lists every kind, and leaves out of its cache those for which it is refused
        // (gitops-engine, pkg/cache/cluster.go, checkPermission).
        (_, _, "list") => by_controller && case.respects_rbac(),
        // A server-side diff of what has just been deleted would make it: Argo CD compares once more when it knows
        // (gitops-engine, pkg/diff/diff.go, ServerSideDiff, is not asked for objects that the cache doesn't have).
        // Only an apply names what it makes.
        (_, _, "create") => {
            by_controller && name.is_some() && case.applications.iter().any(|app| app.compares_by_server())
        }
        _ => false,
    }
}
