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
    let policies = published();
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
            if let Some(fit) = fitting(&policies, &subject.permissions) {
                fits.entry((fit.0, fit.1)).or_default().push(spoke.name());
            }
        }
    }
    for ((policy, scope), clusters) in fits {
        wanted.note(
            "access-policy-would-do",
            format!(
                "access policy {policy} {scope} covers what the group needs on {} ({}) and grants nothing beyond it: it could stand instead of the plan's Roles, as long as no Application ships RBAC objects",
                facts::count(clusters.len(), "cluster"),
                super::spoke_roles::clusters_named(&clusters.iter().copied().collect())
            ),
        );
    }
}

/// The policies whose rules are known, with what they grant cluster-wide.
fn published() -> Vec<(&'static str, PermissionSet)> {
    let known = access_policy::all().iter().filter_map(|policy| {
        let held = held(&policy.name, AccessScope::Cluster, &[]);
        held.map(|permissions| (policy.name.as_str(), permissions))
    });
    known.collect()
}

fn held(policy: &str, access_scope: AccessScope, namespaces: &[&str]) -> Option<PermissionSet> {
    let association = Association { policy_arn: policy.to_owned(), access_scope };
    let held = access_policy::held(&[association], Some(namespaces));
    held.unknown.is_empty().then_some(held.permissions)
}

/// A published policy with the scope in which it grants exactly these permissions.
fn fitting(
    policies: &[(&'static str, PermissionSet)],
    permissions: &PermissionSet,
) -> Option<(&'static str, String)> {
    // What isn't covered cluster-wide isn't in any namespace: this spares working out every policy for every cluster.
    let mut enough = policies
        .iter()
        .filter(|(_, wide)| !permissions.is_empty() && wide.covers(permissions).holds())
        .peekable();
    enough.peek()?;
    let namespaces: BTreeSet<String> =
        permissions.iter().filter_map(|p| p.scope().namespace().map(str::to_owned)).collect();
    let namespaces: Vec<&str> = namespaces.iter().map(String::as_str).collect();
    let cluster_wide = permissions.iter().any(|p| p.scope().namespace().is_none());
    enough.find_map(|(policy, wide)| {
        let (held, scope) = if cluster_wide {
            (wide.clone(), "cluster-wide".to_owned())
        } else {
            let scope =
                AccessScope::Namespace { namespaces: namespaces.iter().map(|n| (*n).to_owned()).collect() };
            (held(policy, scope, &namespaces)?, format!("in {}", namespaces.join(", ")))
        };
        let same = held.covers(permissions).holds() && permissions.covers(&held).holds();
        same.then_some((*policy, scope))
    })
}
