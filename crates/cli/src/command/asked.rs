//! What is asked of a cluster, as several verbs take it.

use std::{collections::BTreeSet, path::PathBuf};

use access::Installation;
use anyhow::{Context, bail};
use facts::ClusterArn;
use inventory::{Cluster, Discovery, Inventory};
use rbac::Request;

use crate::input::read_whole;

/// A request, as kubectl's `auth can-i` takes it.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct RequestArguments {
    /// `get`, `create`, …, or `*`
    #[arg(value_name = "VERB")]
    verb: String,
    /// `deployments`, `deployments.apps`, `pods/log`, `*`; or a path such as `/metrics`
    #[arg(value_name = "RESOURCE")]
    resource: String,
    /// In this namespace [default: in all, or of what is in none]
    #[arg(short = 'n', long)]
    namespace: Option<String>,
    /// On the object of this name [default: any]
    #[arg(long)]
    name: Option<String>,
}

/// Where it is asked, and of what that is known.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct PlaceArguments {
    /// The cluster, by its ARN, or by its name if the inventory has one of it
    #[arg(long)]
    pub(super) cluster: String,
    #[command(flatten)]
    inventory: InventoryArguments,
}

/// What is known, and whose Argo CD is meant.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct InventoryArguments {
    /// The cluster that Argo CD runs in [default: the only one that has its objects]
    #[arg(long, value_name = "CLUSTER")]
    hub: Option<String>,
    /// The inventory folder
    #[arg(short = 'i', long, value_name = "DIR", default_value = "inventory")]
    inventory: PathBuf,
}

impl PlaceArguments {
    /// The inventory.
    pub(super) fn read(&self) -> anyhow::Result<Inventory> {
        self.inventory.read()
    }

    /// The Argo CD that is meant.
    pub(super) fn argocd(&self, inventory: &Inventory) -> anyhow::Result<Installation> {
        self.inventory.argocd(inventory)
    }
}

impl InventoryArguments {
    /// The inventory.
    pub(super) fn read(&self) -> anyhow::Result<Inventory> {
        read_whole(&self.inventory)
    }

    /// The Argo CD that is meant.
    pub(super) fn argocd(&self, inventory: &Inventory) -> anyhow::Result<Installation> {
        let hub = self.hub.as_deref().map(|hub| cluster(inventory, hub)).transpose()?;
        let installation = Installation::find(inventory, hub.map(|(arn, _)| arn));
        installation.context("cannot tell which Argo CD is meant: name its cluster with `--hub`")
    }
}

/// The cluster of an ARN, or of a name that only one has.
pub(super) fn cluster<'i>(
    inventory: &'i Inventory,
    wanted: &str,
) -> anyhow::Result<(&'i ClusterArn, &'i Cluster)> {
    let is = |arn: &ClusterArn| arn.to_string() == wanted || arn.name == wanted;
    let found: Vec<_> = inventory.clusters.iter().filter(|(arn, _)| is(arn)).collect();
    match found.as_slice() {
        [found] => Ok(*found),
        [] => {
            let known: Vec<String> = inventory.clusters.keys().map(ToString::to_string).collect();
            bail!("the inventory has no cluster `{wanted}`; it has {}", listed(&known))
        }
        several => {
            let known: Vec<String> = several.iter().map(|(arn, _)| arn.to_string()).collect();
            bail!("`{wanted}` is the name of several clusters: name one by its ARN: {}", listed(&known))
        }
    }
}

/// The request. A resource without group is one that the cluster serves, as kubectl finds it: of several groups the core one.
pub(super) fn request(cluster: &Cluster, arguments: &RequestArguments) -> anyhow::Result<Request> {
    let RequestArguments { verb, resource, namespace, name } = arguments;
    if resource.starts_with('/') {
        return Ok(Request::path(verb, resource));
    }
    let (plural, subresource) = match resource.split_once('/') {
        Some((plural, subresource)) => (plural, Some(subresource)),
        None => (resource.as_str(), None),
    };
    let (plural, group) = match plural.split_once('.') {
        Some((plural, group)) => (plural, group.to_owned()),
        None if plural == "*" => ("*", "*".to_owned()),
        None => (plural, group_of(cluster, plural)?),
    };
    if namespace.is_some() && is_in_no_namespace(cluster, &group, plural) {
        bail!("`{plural}` are in no namespace: leave `--namespace` out");
    }
    let whole =
        subresource.map_or_else(|| plural.to_owned(), |subresource| format!("{plural}/{subresource}"));
    let request = Request::resource(verb, &group, &whole);
    // A request on one Namespace counts into that namespace (`rbac::Target`).
    let own = name.as_ref().filter(|_| (group.as_str(), plural) == ("", "namespaces"));
    let request =
        own.or(namespace.as_ref()).iter().fold(request, |request, within| request.in_namespace(within));
    Ok(name.iter().fold(request, |request, name| request.named(name)))
}

fn group_of(cluster: &Cluster, plural: &str) -> anyhow::Result<String> {
    let groups_in = |discovery: &Discovery| -> BTreeSet<String> {
        let own = discovery.iter().filter(|resource| resource.plural == plural);
        own.map(|resource| resource.group.clone()).collect()
    };
    let groups =
        discoveries(cluster).map(groups_in).find(|groups| !groups.is_empty()).with_context(|| {
            format!("no API group is known that serves `{plural}`: name it, as in `{plural}.example.com`")
        })?;
    if groups.contains("") {
        return Ok(String::new());
    }
    if let Some(group) = groups.first().filter(|_| groups.len() == 1) {
        return Ok(group.clone());
    }
    let own: Vec<String> = groups.iter().map(|group| format!("{plural}.{group}")).collect();
    bail!("several API groups serve `{plural}`: name one of {}", listed(&own))
}

/// Whether that is certain: what nobody knows may be in one.
fn is_in_no_namespace(cluster: &Cluster, group: &str, plural: &str) -> bool {
    let mut known = discoveries(cluster).flat_map(Discovery::iter);
    let resource = known.find(|resource| resource.group == group && resource.plural == plural);
    resource.is_some_and(|resource| !resource.namespaced)
}

/// What the cluster serves, as far as that was read; then Kubernetes' own.
fn discoveries(cluster: &Cluster) -> impl Iterator<Item = &Discovery> {
    cluster.kubernetes.discovery.iter().chain([Discovery::builtin()])
}

/// At most five.
fn listed(all: &[String]) -> String {
    let first: Vec<String> = all.iter().take(5).map(|one| format!("`{one}`")).collect();
    match all.len().saturating_sub(first.len()) {
        0 if first.is_empty() => "none".to_owned(),
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
