//! Where an EKS access policy would do as well as the plan's own RBAC.

use std::collections::{BTreeMap, BTreeSet};

use rbac::{
    PermissionSet,
    access_policy::{self, AccessScope, Association},
};

use super::{kubernetes_rbac, site::Site, wanted::Wanted};

/// Says which access policy covers a group's needs on a cluster and grants nothing that the plan's RBAC wouldn't.
///
/// Only where no Application ships RBAC objects: the API server's escalation check looks at RBAC alone, so whoever holds
/// rights through an access policy can't create a Role with them (pkg/registry/rbac/validation/rule.go).
pub(super) fn say(site: &Site<'_>, wanted: &mut Wanted) {
    let mut fits: BTreeMap<(&'static str, String), Vec<&str>> = BTreeMap::new();
    for spoke in site.spokes.iter().filter(|spoke| !spoke.in_cluster) {
        let mut applications = site.applications_on(spoke.arn);
        if applications.any(|app| app.ships_rbac() || !app.is_rendered()) {
            continue;
        }
        for subject in kubernetes_rbac::subjects(site, spoke) {
            if subject.subject.get("kind").and_then(serde_json::Value::as_str) != Some("Group") {
                continue;
            }
            if let Some(fit) = fitting(&subject.permissions) {
                fits.entry((fit.0, fit.1)).or_default().push(spoke.name());
            }
        }
    }
    for ((policy, scope), clusters) in fits {
        wanted.note(
            "access-policy-would-do",
            format!(
                "access policy {policy} {scope} covers what the group needs on {} and grants nothing beyond it: it could stand instead of the plan's Roles, as long as no Application ships RBAC objects",
                clusters.join(", ")
            ),
        );
    }
}

/// A published policy with the scope in which it grants exactly these permissions.
fn fitting(permissions: &PermissionSet) -> Option<(&'static str, String)> {
    if permissions.is_empty() {
        return None;
    }
    let names: BTreeSet<String> =
        permissions.iter().filter_map(|p| p.scope().namespace().map(str::to_owned)).collect();
    let cluster_wide = permissions.iter().any(|p| p.scope().namespace().is_none());
    let access_scope = if cluster_wide {
        AccessScope::Cluster
    } else {
        AccessScope::Namespace { namespaces: names.iter().cloned().collect() }
    };
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    access_policy::all().iter().find_map(|policy| {
        let association = Association { policy_arn: policy.name.clone(), access_scope: access_scope.clone() };
        let held = access_policy::held(&[association], Some(&known));
        let same = held.unknown.is_empty()
            && held.permissions.covers(permissions).holds()
            && permissions.covers(&held.permissions).holds();
        let scope = if cluster_wide { "cluster-wide".to_owned() } else { format!("in {}", known.join(", ")) };
        same.then_some((policy.name.as_str(), scope))
    })
}
