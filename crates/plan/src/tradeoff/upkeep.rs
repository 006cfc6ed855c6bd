//! What it takes to replace an identity, and what can be told from logs.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::actors::Actors;

/// Replacing identities: a role that was deleted and made again is another one, even with the same name, to trust policies
/// (IAM User Guide, "AWS JSON policy elements: Principal") and to access entries (EKS User Guide, "Create access entries").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rotation {
    /// Trust policies to save again when the hub's roles are replaced.
    pub hub_trust_policies: usize,
    /// Access entries to make again then.
    pub hub_access_entries: usize,
    /// Access entries to make again when a spoke role is replaced, at most.
    pub spoke_access_entries: usize,
}

/// What logs tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// IAM roles that clusters know, and so the names in their audit logs; CloudTrail has those and the hub's.
    pub principals: usize,
    /// Clusters that know the same role, at most.
    pub clusters_per_principal: usize,
    /// Whether a role in a log of CloudTrail says which cluster it was for.
    pub tells_clusters_apart: bool,
    /// Whether a cluster's audit log says whether it was the controller or the server.
    pub tells_components_apart: bool,
}

impl Rotation {
    pub(super) fn of(actors: &Actors<'_>) -> Self {
        let of_hub = actors.entries.iter().filter(|entry| actors.is_of_hub(&entry.principal)).count();
        let spokes = actors.principals().filter(|(role, _)| !actors.is_of_hub(role));
        Self {
            hub_trust_policies: actors.trusting_hub(),
            hub_access_entries: of_hub,
            spoke_access_entries: spokes.map(|(_, clusters)| clusters.len()).max().unwrap_or(0),
        }
    }
}

impl Audit {
    pub(super) fn of(actors: &Actors<'_>) -> Self {
        let most = actors.principals().map(|(_, clusters)| clusters.len()).max().unwrap_or(0);
        let clusters: BTreeSet<_> = actors.entries.iter().map(|entry| &entry.cluster).collect();
        let apart = actors.entries.iter().all(|entry| actors.is_of_hub(&entry.principal));
        Self {
            principals: actors.principals().count(),
            clusters_per_principal: most,
            tells_clusters_apart: most <= 1,
            tells_components_apart: apart && !clusters.is_empty(),
        }
    }
}
