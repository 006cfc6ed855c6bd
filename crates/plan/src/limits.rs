//! Upper limits of the fleet file: what the plan must never grant.

use std::collections::BTreeSet;

use argocd::Need;
use facts::{Finding, Severity};
use fleet::{Limit, LimitRule};
use rbac::{Permission, Scope};

use crate::ClusterNeeds;

/// One finding for each limit that the needs of a cluster break, naming the Applications that break it.
pub(crate) fn broken(limits: &[Limit], cluster: &ClusterNeeds) -> Vec<Finding> {
    limits
        .iter()
        .filter(|limit| concerns(&limit.deny, cluster))
        .filter_map(|limit| check(limit, cluster))
        .collect()
}

fn concerns(rule: &LimitRule, cluster: &ClusterNeeds) -> bool {
    rule.clusters.is_empty() || rule.clusters.contains(&cluster.name)
}

fn check(limit: &Limit, cluster: &ClusterNeeds) -> Option<Finding> {
    let forbidden = permissions(&limit.deny);
    let breaking: Vec<&Need> = cluster
        .needs
        .needs
        .iter()
        .filter(|need| !is_excepted(&limit.deny, &need.permission))
        .filter(|need| forbidden.iter().any(|limit| limit.meet(&need.permission).is_some()))
        .collect();
    let first = breaking.first()?;
    let message = format!(
        "the limit `{}` is broken on {}: {} needs `{}`{}{}",
        limit.name,
        cluster.name,
        first.identity,
        first.permission,
        causes(&breaking),
        match breaking.len() {
            1 => String::new(),
            more => format!(", and {} more like it", more - 1),
        },
    );
    let mut finding = Finding::new("limit-broken", Severity::Error, message)
        .at(limit.place.clone())
        .with_help("change what the Application deploys, or widen the limit in the fleet file");
    finding
        .places
        .extend(breaking.iter().flat_map(|need| &need.reasons).find_map(|reason| reason.place.clone()));
    Some(finding)
}

/// Which Applications, or else which of Argo CD's operations, make it necessary.
fn causes(breaking: &[&Need]) -> String {
    let reasons = || breaking.iter().flat_map(|need| &need.reasons);
    let applications: BTreeSet<&str> = reasons().filter_map(|reason| reason.application.as_deref()).collect();
    if applications.is_empty() {
        return reasons()
            .next()
            .map(|reason| format!(" ({})", reason.operation.explain()))
            .unwrap_or_default();
    }
    let names: Vec<_> = applications.iter().map(|name| format!("`{name}`")).collect();
    format!(" for {}", names.join(", "))
}

fn is_excepted(rule: &LimitRule, permission: &Permission) -> bool {
    permission
        .scope()
        .namespace()
        .is_some_and(|namespace| rule.except_namespaces.iter().any(|n| n == namespace))
}

fn permissions(rule: &LimitRule) -> Vec<Permission> {
    let all = |list: &[String]| if list.is_empty() { vec!["*".to_owned()] } else { list.to_vec() };
    let mut permissions = Vec::new();
    for group in all(&rule.api_groups) {
        for resource in all(&rule.resources) {
            for verb in all(&rule.verbs) {
                permissions.push(Permission::resource(Scope::Cluster, &group, &resource, &verb));
            }
        }
    }
    permissions
}
