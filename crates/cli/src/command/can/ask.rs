//! What is asked, from the words of the command line.

use std::collections::BTreeSet;

use access::{ServiceAccount, Who, argocd_rbac::Subject};
use anyhow::{Context, bail};
use facts::{ClusterArn, RoleArn};
use inventory::{Cluster, Discovery, Inventory};
use rbac::{Identity, Request};

use super::Arguments;

/// Whoever is meant.
pub(super) enum Whom {
    /// Somebody whom the cluster knows, or has to know.
    Comer(Who),
    /// Pods of a service account of another cluster.
    Pod(ServiceAccount),
    /// A role that assumes others first.
    Role(RoleArn),
    /// Argo CD: one component, or all of it.
    ArgoCd(Option<argocd::Identity>),
    /// A person whom Argo CD knows.
    Person(Subject),
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

/// Whoever is meant by the words of the command line.
pub(super) fn whom(inventory: &Inventory, arguments: &Arguments) -> anyhow::Result<Whom> {
    let Arguments { who: text, from, assume, session, .. } = arguments;
    if let Some(account) = text.strip_prefix("system:serviceaccount:") {
        let (namespace, name) =
            account.split_once(':').with_context(|| format!("`{text}` lacks a name after the namespace"))?;
        let Some(from) = from else {
            if !assume.is_empty() {
                bail!("`--assume` needs `--from`: the cluster whose pods assume the role");
            }
            return Ok(Whom::Comer(Who::Kubernetes(Identity::service_account(namespace, name))));
        };
        let (cluster, _) = cluster(inventory, from)?;
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        return Ok(Whom::Pod(ServiceAccount { cluster: cluster.clone(), namespace, name }));
    }
    if from.is_some() {
        bail!("`--from` is for service accounts: `{text}` is none");
    }
    match text.as_str() {
        "argocd" => return Ok(Whom::ArgoCd(None)),
        "argocd:controller" => return Ok(Whom::ArgoCd(Some(argocd::Identity::Controller))),
        "argocd:server" => return Ok(Whom::ArgoCd(Some(argocd::Identity::Server))),
        _ => {}
    }
    for (prefix, comer) in
        [("user:", user as fn(&str) -> Whom), ("group:", group), ("sso:", sso), ("account:", account)]
    {
        if let Some(name) = text.strip_prefix(prefix) {
            return Ok(comer(name));
        }
    }
    let nobody = || format!("`{text}` is nobody who could be asked for");
    if let (false, Ok(role)) = (assume.is_empty(), text.parse::<RoleArn>()) {
        return Ok(Whom::Role(role));
    }
    if !assume.is_empty() {
        bail!("`--assume` is for roles and pods: `{text}` is neither");
    }
    let mut caller = access::caller(inventory, text).with_context(nobody)?;
    if let Some(session) = session {
        caller.session = Some(session.to_owned());
    }
    Ok(Whom::Comer(Who::Iam(caller)))
}

fn user(name: &str) -> Whom {
    Whom::Comer(Who::Kubernetes(Identity::user(name, BTreeSet::<String>::new())))
}

fn group(name: &str) -> Whom {
    Whom::Comer(Who::Kubernetes(Identity::user("", [name])))
}

fn sso(group: &str) -> Whom {
    Whom::Person(Subject::default().in_groups([group]))
}

fn account(name: &str) -> Whom {
    Whom::Person(Subject::new(name))
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
