//! Grants that are wider than what is deployed today, one line each, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use argocd::{Beyond, Identity};
use rbac::{Permission, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    pub verbs: Vec<String>,
    /// The resources as kubectl names them: `deployments.apps`, `pods/log`, `jobs.batch/status`.
    pub resources: Vec<String>,
    /// Why it can't be narrower.
    pub reason: String,
}

/// The wider grants of a cluster, grouped: who, where, which verbs and why in one line.
pub(super) fn lines(cluster: &ClusterNeeds) -> Vec<BeyondNeeds> {
    type Resource = String;
    let mut verbs: BTreeMap<(&Identity, Beyond, &Scope, Resource), BTreeSet<&str>> = BTreeMap::new();
    for need in &cluster.needs.needs {
        if let (Some(beyond), Permission::Resource { scope, verb, .. }) = (need.beyond, &need.permission) {
            let key = (&need.identity, beyond, scope, resource(&need.permission));
            verbs.entry(key).or_default().insert(verb);
        }
    }
    let mut resources: BTreeMap<_, Vec<Resource>> = BTreeMap::new();
    for ((identity, beyond, scope, resource), verbs) in verbs {
        resources.entry((identity, beyond, scope, verbs)).or_default().push(resource);
    }
    resources
        .into_iter()
        .map(|((identity, beyond, scope, verbs), resources)| BeyondNeeds {
            identity: identity.clone(),
            scope: scope.clone(),
            verbs: verbs.into_iter().map(str::to_owned).collect(),
            resources,
            reason: beyond.explain().to_owned(),
        })
        .collect()
}

fn resource(permission: &Permission) -> String {
    match permission {
        Permission::Resource { group, resource, .. } if group.is_empty() => resource.to_string(),
        Permission::Resource { group, resource, .. } => match resource.split_once('/') {
            Some((resource, sub)) => format!("{resource}.{group}/{sub}"),
            None => format!("{resource}.{group}"),
        },
        Permission::NonResource { path, .. } => path.to_string(),
    }
}
