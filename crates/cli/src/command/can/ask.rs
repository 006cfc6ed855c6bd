//! What is asked, from the words of the command line.

use std::collections::BTreeSet;

use access::Who;
use anyhow::{Context, bail};
use facts::ClusterArn;
use inventory::{Cluster, Discovery, Inventory};
use rbac::{Identity, Request};

use super::Arguments;

/// The cluster of an ARN, or of a name that only one has.
pub(super) fn cluster<'i>(inventory: &'i Inventory, wanted: &str) -> anyhow::Result<&'i Cluster> {
    let is = |arn: &ClusterArn| arn.to_string() == wanted || arn.name == wanted;
    let found: Vec<_> = inventory.clusters.iter().filter(|(arn, _)| is(arn)).collect();
    match found.as_slice() {
        [(_, cluster)] => Ok(cluster),
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

/// Whoever is meant.
pub(super) fn who(inventory: &Inventory, text: &str, session: Option<&str>) -> anyhow::Result<Who> {
    if let Some(account) = text.strip_prefix("system:serviceaccount:") {
        let (namespace, name) =
            account.split_once(':').with_context(|| format!("`{text}` lacks a name after the namespace"))?;
        return Ok(Who::Kubernetes(Identity::service_account(namespace, name)));
    }
    if let Some(user) = text.strip_prefix("user:") {
        return Ok(Who::Kubernetes(Identity::user(user, BTreeSet::<String>::new())));
    }
    if let Some(group) = text.strip_prefix("group:") {
        return Ok(Who::Kubernetes(Identity::user("", [group])));
    }
    let mut caller = access::caller(inventory, text)
        .with_context(|| format!("`{text}` is nobody who could be asked for"))?;
    if let Some(session) = session {
        caller.session = Some(session.to_owned());
    }
    Ok(Who::Iam(caller))
}

/// The request. A resource without group is one that the cluster serves, as kubectl finds it: of several groups the core one.
pub(super) fn request(cluster: &Cluster, arguments: &Arguments) -> anyhow::Result<Request> {
    let Arguments { verb, resource, namespace, name, .. } = arguments;
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
