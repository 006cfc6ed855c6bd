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

/// A subject with the fewest rules that grant it what it needs.
struct Ruled {
    suffix: String,
    subject: Value,
    whom: String,
    grants: Vec<Grant>,
}

/// What a subject gets in one scope.
struct Grant {
    scope: Scope,
    rules: Vec<PolicyRule>,
    /// How many permissions they are.
    count: usize,
}

/// The RBAC objects of every cluster; the ids of the bindings, by cluster.
pub(super) fn add(site: &Site<'_>, wanted: &mut Wanted) -> BTreeMap<ClusterArn, Vec<ObjectId>> {
    // Finding the fewest rules is most of the work.
    let of_each: Vec<(Wanted, Vec<ObjectId>)> = site
        .spokes
        .par_iter()
        .map(|spoke| {
            let mut own = Wanted::default();
            let ruled = subjects(site, spoke).into_iter().map(Subject::ruled);
            let bindings = ruled.flat_map(|subject| bind(site, spoke, subject, &mut own)).collect();
            (own, bindings)
        })
        .collect();
    let mut bindings = BTreeMap::new();
    for (spoke, (own, ids)) in site.spokes.iter().zip(of_each) {
        wanted.desired.objects.extend(own.desired.objects);
        bindings.insert(spoke.arn.clone(), ids);
    }
    bindings
}

impl Subject {
    /// The permissions end here: those of a whole fleet, as sets, are more than its plan.
    fn ruled(self) -> Ruled {
        let mut counts: BTreeMap<Scope, usize> = BTreeMap::new();
        for permission in self.permissions.iter() {
            *counts.entry(permission.scope().clone()).or_default() += 1;
        }
        let rules = rbac::merge::rules(&self.permissions).into_iter();
        let grants = rules.map(|(scope, rules)| {
            let count = counts.get(&scope).copied().unwrap_or_default();
            Grant { scope, rules, count }
        });
        Ruled { grants: grants.collect(), suffix: self.suffix, subject: self.subject, whom: self.whom }
    }
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
fn bind(site: &Site<'_>, spoke: &Spoke<'_>, subject: Ruled, wanted: &mut Wanted) -> Vec<ObjectId> {
    let Ruled { suffix, subject, whom, grants } = subject;
    let name = names::subdomain(&format!("oarlock-{}-{suffix}", site.fleet.name));
    let bound = grants.into_iter().map(|grant| bind_in(site, spoke, (&name, &subject, &whom), grant, wanted));
    bound.collect()
}

fn bind_in(
    site: &Site<'_>,
    spoke: &Spoke<'_>,
    (name, subject, whom): (&str, &Value, &str),
    Grant { scope, rules, count }: Grant,
    wanted: &mut Wanted,
) -> ObjectId {
    let namespace = scope.namespace();
    let (role, binding) =
        if namespace.is_some() { ("Role", "RoleBinding") } else { ("ClusterRole", "ClusterRoleBinding") };
    let place = namespace.map_or_else(|| "cluster-wide".to_owned(), |name| format!("in namespace {name}"));
    let after = namespace.map(|name| self::namespace(spoke.arn, name, wanted)).unwrap_or_default();

    let api = format!("{API}/v1");
    let object = whole(site, (&api, role), namespace, name, json!({ "rules": rules }));
    let permissions = facts::count(count, "permission");
    let reason = format!("holds the {permissions} {place} for {whom}");
    let role_id = wanted.add_kubernetes(spoke.arn, object, reason, after);

    let content = json!({
        "roleRef": { "apiGroup": API, "kind": role, "name": name },
        "subjects": [subject],
    });
    let object = whole(site, (&api, binding), namespace, name, content);
    let reason = format!("gives them to {whom}");
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
