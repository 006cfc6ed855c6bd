//! What stands in the place of what is superseded: it must be there first.

use std::collections::BTreeMap;

use facts::ClusterArn;

use crate::{DesiredObject, Location, ObjectId};

/// Desired objects by the cluster whose grants they replace.
#[derive(Debug, Default)]
pub(super) struct Replacements {
    on: BTreeMap<ClusterArn, Vec<ObjectId>>,
    /// Restarts of Argo CD's pods: before them they use what they were started with.
    pub(super) restarts: Vec<ObjectId>,
}

/// The kinds that give access to a cluster.
const GRANTS: [&str; 3] = ["ClusterRoleBinding", "RoleBinding", "access entry"];

impl Replacements {
    pub(super) fn of(desired: &[DesiredObject]) -> Self {
        let mut replacements = Self::default();
        for object in desired {
            let id = object.id();
            match (&object.location, id.kind.as_str()) {
                (_, "restart") => replacements.restarts.push(id),
                (Location::Cluster(_), "Secret") => {
                    // A Secret comes after the grants of the cluster that it stands for.
                    let of = object.after.iter().filter(|after| GRANTS.contains(&after.kind.as_str()));
                    let mut clusters: Vec<&ClusterArn> =
                        of.filter_map(|after| cluster(&after.location)).collect();
                    clusters.sort();
                    clusters.dedup();
                    for cluster in clusters {
                        replacements.on.entry(cluster.clone()).or_default().push(id.clone());
                    }
                }
                (location, _) => {
                    if let Some(cluster) = cluster(location) {
                        replacements.on.entry(cluster.clone()).or_default().push(id);
                    }
                }
            }
        }
        replacements
    }

    /// All that must be there before something goes on a cluster.
    pub(super) fn on(&self, cluster: &ClusterArn) -> Vec<ObjectId> {
        let mut all: Vec<ObjectId> =
            self.on.get(cluster).into_iter().flatten().chain(&self.restarts).cloned().collect();
        all.sort();
        all
    }
}

fn cluster(location: &Location) -> Option<&ClusterArn> {
    match location {
        Location::Eks(arn) | Location::Cluster(arn) => Some(arn),
        Location::Account(_) => None,
    }
}
