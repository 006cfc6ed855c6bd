//! ClusterRoles, Roles and bindings: the needs as rules, never one request more.

use std::collections::BTreeMap;

use argocd::Identity;
use facts::ClusterArn;
use rayon::prelude::*;
use rbac::{PermissionSet, PolicyRule, Scope};
use serde_json::{Value, json};

use super::{
    groups, impersonation,
    site::{Site, Spoke},
    wanted::{Wanted, fields, whole},
};
use crate::{names, object::ObjectId};

const API: &str = "rbac.authorization.k8s.io";

/// Namespaces that every cluster has.
const ALWAYS_THERE: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// Somebody who gets rules on a cluster.
pub(super) struct Subject {
    /// Ends the names of its objects.
    pub(super) suffix: String,
    /// As bindings write it.
    pub(super) subject: Value,
    pub(super) permissions: PermissionSet,
    /// Who it is, for reasons.
    pub(super) whom: String,
}

/// The RBAC objects of every cluster; the ids of the bindings, by cluster.
pub(super) fn add(site: &Site<'_>, wanted: &mut Wanted) -> BTreeMap<ClusterArn, Vec<ObjectId>> {
    // Finding the fewest rules is most of the work.
    let ruled: Vec<_> = site
        .spokes
        .par_iter()
        .map(|spoke| {
            let rules = |subject: Subject| (rbac::merge::rules(&subject.permissions), subject);
            subjects(site, spoke).into_iter().map(rules).collect::<Vec<_>>()
        })
        .collect();
    let mut bindings = BTreeMap::new();
    for (spoke, ruled) in site.spokes.iter().zip(ruled) {
        let ids =
            ruled.iter().flat_map(|(rules, subject)| bind(site, spoke, subject, rules, wanted)).collect();
        bindings.insert(spoke.arn.clone(), ids);
    }
    bindings
}

/// Groups where Argo CD comes through IAM, its pods' service accounts on the hub, and whoever it impersonates.
pub(super) fn subjects(site: &Site<'_>, spoke: &Spoke<'_>) -> Vec<Subject> {
    let own = |suffix: &str, subject: Value, identities: &[Identity], whom: String| Subject {
        suffix: suffix.to_owned(),
        subject,
        permissions: spoke.permissions(|identity| identities.contains(identity)),
        whom,
    };
    let mut subjects: Vec<Subject> = if spoke.in_cluster {
        let accounts = [
            ("argocd-controller", site.controller(), Identity::Controller),
            ("argocd-server", site.server(), Identity::Server),
        ];
        let subject = |(suffix, account, identity): (&str, super::trust::ServiceAccount, Identity)| {
            let whom = format!("Argo CD's {identity}");
            own(suffix, service_account_subject(&account.namespace, &account.name), &[identity], whom)
        };
        accounts.map(subject).into()
    } else {
        groups::principals(site, spoke)
            .iter()
            .map(|principal| {
                let who: Vec<String> = principal.identities.iter().map(ToString::to_string).collect();
                let whom = format!("Argo CD's {} (group {})", who.join(" and "), principal.group);
                own(principal.suffix, group_subject(&principal.group), &principal.identities, whom)
            })
            .collect()
    };
    subjects.extend(impersonation::subjects(spoke));
    subjects
}

/// One role and one binding for each scope in which the subject needs something.
fn bind(
    site: &Site<'_>,
    spoke: &Spoke<'_>,
    subject: &Subject,
    rules: &BTreeMap<Scope, Vec<PolicyRule>>,
    wanted: &mut Wanted,
) -> Vec<ObjectId> {
    let name = names::subdomain(&format!("oarlock-{}-{}", site.fleet.name, subject.suffix));
    let mut counts: BTreeMap<Scope, usize> = BTreeMap::new();
    for permission in subject.permissions.iter() {
        *counts.entry(permission.scope().clone()).or_default() += 1;
    }
    let bound = rules.iter().map(|(scope, rules)| {
        let grant =
            Grant { name: &name, scope, rules, count: counts.get(scope).copied().unwrap_or_default() };
        bind_in(site, spoke, subject, wanted, &grant)
    });
    bound.collect()
}

/// What a subject gets in one scope.
struct Grant<'a> {
    /// Of the role and of the binding.
    name: &'a str,
    scope: &'a Scope,
    rules: &'a [PolicyRule],
    /// How many permissions they are.
    count: usize,
}

fn bind_in(
    site: &Site<'_>,
    spoke: &Spoke<'_>,
    subject: &Subject,
    wanted: &mut Wanted,
    &Grant { name, scope, rules, count }: &Grant<'_>,
) -> ObjectId {
    let namespace = scope.namespace();
    let (role, binding) =
        if namespace.is_some() { ("Role", "RoleBinding") } else { ("ClusterRole", "ClusterRoleBinding") };
    let place = namespace.map_or_else(|| "cluster-wide".to_owned(), |name| format!("in namespace {name}"));
    let after = namespace.map(|name| self::namespace(spoke.arn, name, wanted)).unwrap_or_default();

    let api = format!("{API}/v1");
    let object = whole(site, (&api, role), namespace, name, json!({ "rules": rules }));
    let permissions = facts::count(count, "permission");
    let reason = format!("holds the {permissions} {place} for {}", subject.whom);
    let role_id = wanted.add_kubernetes(spoke.arn, object, reason, after);

    let content = json!({
        "roleRef": { "apiGroup": API, "kind": role, "name": name },
        "subjects": [subject.subject],
    });
    let object = whole(site, (&api, binding), namespace, name, content);
    let reason = format!("gives them to {}", subject.whom);
    wanted.add_kubernetes(spoke.arn, object, reason, vec![role_id])
}

/// A namespace that must be there before anything is put into it. Only its existence is wanted: whatever else is in
/// the object, and deleting it, is its owner's.
pub(super) fn namespace(cluster: &ClusterArn, name: &str, wanted: &mut Wanted) -> Vec<ObjectId> {
    if ALWAYS_THERE.contains(&name) {
        return Vec::new();
    }
    let object = fields(("v1", "Namespace"), None, name, json!({}));
    let reason = "the plan's own objects in it must be there before Argo CD first syncs";
    vec![wanted.add_kubernetes(cluster, object, reason, Vec::new())]
}

pub(super) fn service_account_subject(namespace: &str, name: &str) -> Value {
    json!({ "kind": "ServiceAccount", "name": name, "namespace": namespace })
}

fn group_subject(group: &str) -> Value {
    json!({ "kind": "Group", "apiGroup": API, "name": group })
}
