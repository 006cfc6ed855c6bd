//! Grants that are wider than what is deployed today, one line each, with the reason.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use argocd::{Beyond, Identity, Need};
use rbac::{Permission, PermissionSet, Policy, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Holders;
use crate::ClusterNeeds;

/// One line of what is granted beyond the deployed objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BeyondNeeds {
    /// Who holds it.
    pub identity: Identity,
    /// Where.
    pub scope: Scope,
    /// The verbs.
    pub verbs: Vec<Arc<str>>,
    /// The resources as kubectl names them: `deployments.apps`, `pods/log`, `jobs.batch/status`.
    pub resources: Vec<Arc<str>>,
    /// Why it can't be narrower.
    pub reason: Arc<str>,
}

/// The wider grants of a cluster, grouped: who, where, which verbs and why in one line.
pub(super) fn lines(cluster: &ClusterNeeds) -> Vec<BeyondNeeds> {
    let mut wide: BTreeMap<(Identity, Beyond), Vec<Permission>> = BTreeMap::new();
    for Need { identity, permission, beyond, .. } in cluster.needs.iter() {
        if let Some(beyond) = beyond {
            wide.entry((identity, beyond)).or_default().push(permission);
        }
    }
    let lines = wide
        .iter()
        .map(|((identity, beyond), permissions)| grouped(identity, permissions.iter(), beyond.explain()));
    lines.flatten().collect()
}

/// What the plan's own rules grant an identity and it doesn't need: what those need who share its group, and what
/// nobody does. The latter would be a mistake in the plan, so it is looked for.
pub(super) fn granted(cluster: &ClusterNeeds, holders: &Holders, planned: &Policy) -> Vec<BeyondNeeds> {
    let mut needs: BTreeMap<Identity, PermissionSet> = BTreeMap::new();
    for Need { identity, permission, .. } in cluster.needs.iter() {
        needs.entry(identity).or_default().insert(permission);
    }
    let nothing = PermissionSet::new();
    let mut lines = Vec::new();
    for (holder, identities) in by_holder(holders) {
        let own = |identity: &Identity| needs.get(identity).unwrap_or(&nothing);
        let together = identities.iter().fold(PermissionSet::new(), |all, identity| all.union(own(identity)));
        let unasked: Vec<Permission> =
            planned.held(holder).permissions.difference(&together).iter().collect();
        for identity in &identities {
            let others: Vec<String> =
                identities.iter().filter(|other| *other != identity).map(ToString::to_string).collect();
            let reason =
                format!("one group stands for it and the {}, which needs it", others.join(" and the "));
            let shared: Vec<Permission> = together.difference(own(identity)).iter().collect();
            lines.extend(grouped(identity, shared.iter(), &reason));
            let reason = "the planned rules grant it, and no need asks for it";
            lines.extend(grouped(identity, unasked.iter(), reason));
        }
    }
    lines
}

/// The identities that are one and the same to Kubernetes, together.
pub(super) fn by_holder(holders: &Holders) -> Vec<(&rbac::Identity, Vec<&Identity>)> {
    let mut by_holder: Vec<(&rbac::Identity, Vec<&Identity>)> = Vec::new();
    for (identity, holder) in holders {
        match by_holder.iter_mut().find(|(known, _)| *known == holder) {
            Some((_, identities)) => identities.push(identity),
            None => by_holder.push((holder, vec![identity])),
        }
    }
    by_holder
}

/// One line for all resources with the same verbs in the same place.
fn grouped<'p>(
    identity: &Identity,
    permissions: impl Iterator<Item = &'p Permission>,
    reason: &str,
) -> Vec<BeyondNeeds> {
    let reason: Arc<str> = reason.into();
    let mut verbs: BTreeMap<(&Scope, Arc<str>), BTreeSet<&Arc<str>>> = BTreeMap::new();
    let mut known: BTreeSet<Arc<str>> = BTreeSet::new();
    for permission in permissions {
        let resource = resource(permission);
        let resource = known.get(&resource).cloned().unwrap_or(resource);
        known.insert(Arc::clone(&resource));
        verbs.entry((permission.scope(), resource)).or_default().insert(permission.verb());
    }
    let mut resources: BTreeMap<_, Vec<Arc<str>>> = BTreeMap::new();
    for ((scope, resource), verbs) in verbs {
        resources.entry((scope, verbs)).or_default().push(resource);
    }
    let line = |((scope, verbs), resources): ((&Scope, BTreeSet<&Arc<str>>), _)| BeyondNeeds {
        identity: identity.clone(),
        scope: scope.clone(),
        verbs: verbs.into_iter().cloned().collect(),
        resources,
        reason: Arc::clone(&reason),
    };
    resources.into_iter().map(line).collect()
}

fn resource(permission: &Permission) -> Arc<str> {
    match permission {
        Permission::Resource { group, resource, .. } if group.is_empty() => Arc::clone(resource),
        Permission::Resource { group, resource, .. } => match resource.split_once('/') {
            Some((resource, sub)) => format!("{resource}.{group}/{sub}").into(),
            None => format!("{resource}.{group}").into(),
        },
        Permission::NonResource { path, .. } => Arc::clone(path),
    }
}
