//! Clusters that Argo CD leaves: nothing is needed there, and whoever still deploys to one is told.

use facts::{Finding, Severity};

use crate::{Input, destination::Destinations};

/// The Applications that deploy to clusters which Argo CD leaves. Deleting one takes access (Argo CD's finalizer deletes what it has
/// deployed), so a plan that takes that away first is a mistake; who ends a fleet has been asked.
pub(crate) fn findings(input: &Input<'_>) -> Vec<Finding> {
    let fleet = input.fleet;
    if fleet.leaving.is_empty() && !fleet.ends {
        return Vec::new();
    }
    let severity = if fleet.ends { Severity::Warning } else { Severity::Error };
    let destinations = Destinations::new(fleet, input.inventory);
    let applications = input.applications.iter().map(|deployed| &deployed.application);
    let left = applications.filter_map(|application| {
        let arn = destinations.resolve(application).ok().filter(|arn| fleet.leaves(arn))?;
        let name = fleet.cluster(arn).map_or(arn.name.as_str(), |cluster| cluster.name.as_str());
        Some((application, name))
    });
    left.map(|(application, name)| {
        Finding::new(
            "application-on-a-cluster-that-is-left",
            severity,
            "Argo CD leaves a cluster to which Applications still deploy: what they have deployed stays there, and Argo CD can't delete it any more",
        )
        .on(name)
        .of([application.name.as_str()])
        .at(application.destination.place.clone())
        .with_help("delete these Applications first, or have them deploy elsewhere")
    })
    .collect()
}
