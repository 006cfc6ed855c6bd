//! What Argo CD needs on each cluster of the fleet.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use argocd::{Choice, ClusterContext, Deployment, InputFrom, Needs, ObjectRef, Settings};
use facts::{ClusterArn, Gap, Problem};
use fleet::{CacheWidth, Cluster, Install, ShippedRbacChoice};
use rayon::prelude::*;

use crate::{ClusterNeeds, Deployed, Input, destination::Destinations, impersonation, limits};

/// Works out the needs of every cluster that the fleet file names or that an Application deploys to, of the hub if Argo CD
/// manages Applications outside its own namespace there, and what of them the fleet file's limits forbid. The reasons are
/// gone from the result: findings say them.
///
/// # Errors
/// Where an Application's destination isn't in the fleet, or argocd-cm has values that Argo CD refuses.
pub(crate) fn cluster_needs(
    input: &Input<'_>,
    settings: &Settings,
) -> Result<Vec<ClusterNeeds>, Vec<Problem>> {
    let destinations = Destinations::new(input.fleet, input.inventory);
    let mut by_cluster = by_cluster(input, &destinations)?;
    let hub = &input.fleet.hub;
    if hub.argocd.install == Install::SelfManaged
        && !input.fleet.ends
        && !settings.application_namespaces.is_empty()
    {
        by_cluster.entry(&hub.arn).or_default();
    }
    let clusters: Vec<_> = by_cluster.into_iter().collect();
    Ok(clusters
        .into_par_iter()
        .map(|(arn, deployed)| {
            let cluster = input.fleet.clusters.iter().find(|cluster| cluster.arn == *arn);
            one(input, settings, &destinations, arn, cluster, &deployed)
        })
        .collect())
}

type ByCluster<'a> = BTreeMap<&'a ClusterArn, Vec<&'a Deployed>>;

fn by_cluster<'a>(
    input: &'a Input<'_>,
    destinations: &Destinations<'a>,
) -> Result<ByCluster<'a>, Vec<Problem>> {
    let mut clusters: ByCluster<'a> = input.fleet.clusters.iter().map(|c| (&c.arn, Vec::new())).collect();
    let mut problems = Vec::new();
    for deployed in &input.applications {
        match destinations.resolve(&deployed.application) {
            Ok(arn) if input.fleet.leaves(arn) => {}
            Ok(arn) => clusters.entry(arn).or_default().push(deployed),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(clusters) } else { Err(problems) }
}

fn one(
    input: &Input<'_>,
    settings: &Settings,
    destinations: &Destinations<'_>,
    arn: &ClusterArn,
    cluster: Option<&Cluster>,
    deployed: &[&Deployed],
) -> ClusterNeeds {
    let fleet = input.fleet;
    let in_cluster = *arn == fleet.hub.arn && fleet.hub.argocd.install == Install::SelfManaged;
    let there = input.inventory.and_then(|inventory| inventory.clusters.get(arn));
    let impersonation = impersonation::of(input, settings, arn, deployed);
    let choices = choices(input, cluster);
    let deployments: Vec<&Deployment> =
        deployed.iter().filter_map(|deployed| deployed.deployment.as_ref()).collect();
    let server = cluster.and_then(|cluster| destinations.server(cluster)).unwrap_or_default();
    let context = ClusterContext {
        discovery: there.and_then(|cluster| cluster.kubernetes.discovery.as_ref()),
        settings,
        version: fleet.hub.argocd.version,
        features: fleet.features,
        names: fleet.names,
        cache: fleet.cache,
        namespaces: cluster.map_or(&[], |cluster| &cluster.namespaces),
        cluster_resources: cluster.is_some_and(|cluster| cluster.cluster_resources),
        server: &server,
        in_cluster,
        impersonation: &impersonation,
        choices: &choices,
        roles: there.map_or(&[], |cluster| &cluster.kubernetes.roles),
        input_from: InputFrom::Fleet,
    };
    let nothing_there = cluster.is_none() && deployed.is_empty();
    let needs =
        if nothing_there { argocd::own_needs(&context) } else { argocd::needs(&context, &deployments) };
    let Needs { needs, mut findings, mut unknown, undecided } = needs;
    unknown.extend(not_rendered(deployed));
    let cached_kinds = match fleet.cache {
        Some(CacheWidth::Inclusions) => argocd::cached_kinds(&context, &deployments),
        Some(CacheWidth::All) | None => Vec::new(),
    };
    let name = cluster.map_or_else(|| "in-cluster".to_owned(), |cluster| cluster.name.clone());
    findings.extend(limits::broken(&fleet.limits, &name, &needs));
    let needs = needs.into_iter().collect();
    ClusterNeeds { arn: arn.clone(), name, needs, cached_kinds, findings, unknown, undecided, in_cluster }
}

/// Applications whose manifests nobody gave: what they deploy isn't known.
fn not_rendered(deployed: &[&Deployed]) -> BTreeSet<Gap> {
    let missing = deployed.iter().filter(|deployed| deployed.deployment.is_none());
    let known = deployed.iter().flat_map(|deployed| deployed.gaps.iter().cloned());
    missing
        .map(|deployed| {
            let name = &deployed.application.name;
            Gap::new(format!("what the Application `{name}` deploys"), "it has no rendered manifests")
                .filled_by(format!("argocd app manifests {name} --source git > rendered/{name}.yaml"))
        })
        .chain(known)
        .collect()
}

fn choices(input: &Input<'_>, cluster: Option<&Cluster>) -> BTreeMap<ObjectRef, Choice> {
    let name = cluster.map(|cluster| cluster.name.as_str()).unwrap_or("in-cluster");
    let concerns =
        |clusters: &Option<Vec<String>>| clusters.as_ref().is_none_or(|c| c.iter().any(|c| c == name));
    let chosen = input.fleet.shipped_rbac.iter().filter(|choice| concerns(&choice.clusters));
    chosen
        .map(|choice| {
            let kind = if choice.namespace.is_some() { "Role" } else { "ClusterRole" };
            let what = match choice.choice {
                ShippedRbacChoice::Hold => Choice::Hold,
                ShippedRbacChoice::Bind => Choice::Bind,
                ShippedRbacChoice::Escalate => Choice::Escalate,
            };
            (ObjectRef::new(kind, choice.namespace.as_deref(), &choice.name), what)
        })
        .collect()
}

/// The name by which reasons and impersonation know an Application.
pub(crate) fn application_name(deployed: &Deployed) -> Arc<str> {
    let known = deployed.deployment.as_ref().and_then(|deployment| deployment.application()).cloned();
    known.unwrap_or_else(|| deployed.application.name.as_str().into())
}
