//! How much is reached, as numbers.

use std::collections::BTreeSet;

use inventory::Cluster;
use rayon::prelude::*;
use rbac::Scope;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Reached,
    ground::Ground,
    holding::Mark,
    principal::Principal,
    walk::{NodeId, Walk},
};

/// The blast radius. Where something isn't known each number is one that it is at least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Blast {
    /// Clusters on which it is somebody.
    pub clusters: usize,
    /// Clusters on which it may do everything.
    pub cluster_admin: usize,
    /// Namespaces in which it may do anything, as far as they are known.
    pub namespaces: usize,
    /// Clusters of which it reads the Secrets of every namespace.
    pub clusters_with_all_secrets: usize,
    /// Namespaces of the other clusters whose Secrets it reads.
    pub secret_namespaces: usize,
    /// Secrets of the inventory that it reads.
    pub secrets: usize,
    /// Service accounts that it may act as.
    pub service_accounts: usize,
    /// IAM roles, or users.
    pub roles: usize,
    /// Accounts in which it may do all that the organisation leaves.
    pub accounts: usize,
    /// Clusters on whose nodes it is root.
    pub clusters_with_nodes: usize,
}

/// Of the principals that a choice lets through.
pub(super) fn of(walk: &Walk<'_>, kept: &[bool], choose: impl Fn(&Reached) -> bool + Sync) -> Blast {
    let mut blast = Blast::default();
    let choose = |node: NodeId| {
        kept.get(node).copied().unwrap_or_default() && walk.nodes.get(node).is_some_and(&choose)
    };
    let (mut roles, mut there) = (BTreeSet::new(), BTreeSet::new());
    for (_, reached) in walk.nodes.iter().enumerate().filter(|(node, _)| choose(*node)) {
        there.extend(reached.principal.cluster());
        match &reached.principal {
            Principal::Iam { arn, .. } => drop(roles.insert(arn)),
            Principal::AccountAdmin(_) => blast.accounts += 1,
            Principal::Nodes(_) => blast.clusters_with_nodes += 1,
            _ => {}
        }
    }
    blast.roles = roles.len();
    let grounds = there.into_par_iter().filter_map(|cluster| walk.grounds.get(&cluster));
    grounds.map(|ground| on(walk, ground, &choose)).reduce(Blast::default, Blast::and).and(blast)
}

impl Blast {
    /// Of what has nothing in common.
    fn and(self, other: Self) -> Self {
        Self {
            clusters: self.clusters + other.clusters,
            cluster_admin: self.cluster_admin + other.cluster_admin,
            namespaces: self.namespaces + other.namespaces,
            clusters_with_all_secrets: self.clusters_with_all_secrets + other.clusters_with_all_secrets,
            secret_namespaces: self.secret_namespaces + other.secret_namespaces,
            secrets: self.secrets + other.secrets,
            service_accounts: self.service_accounts + other.service_accounts,
            roles: self.roles + other.roles,
            accounts: self.accounts + other.accounts,
            clusters_with_nodes: self.clusters_with_nodes + other.clusters_with_nodes,
        }
    }
}

/// On one cluster.
fn on(walk: &Walk<'_>, ground: &Ground<'_>, choose: &impl Fn(NodeId) -> bool) -> Blast {
    let mut accounts = BTreeSet::new();
    let mut admin = false;
    for (_, reached) in walk.on(ground.id).filter(|(node, _)| choose(*node)) {
        match &reached.principal {
            Principal::ClusterAdmin(_) => admin = true,
            Principal::ServiceAccount(account) => drop(accounts.insert((&account.namespace, &account.name))),
            _ => {}
        }
    }
    let (mut secrets_of, mut scopes) = (BTreeSet::new(), BTreeSet::new());
    let mut somebody = admin;
    for mark in marks(ground, choose) {
        somebody |= mark.is_somebody;
        scopes.extend(mark.scopes.iter().cloned());
        secrets_of.extend(mark.footprint.secrets.iter().cloned());
    }
    if admin {
        secrets_of.insert(Scope::Cluster);
        scopes.insert(Scope::Cluster);
    }
    let all_secrets = secrets_of.contains(&Scope::Cluster);
    let everyone =
        || ground.surroundings.service_accounts.iter().flat_map(|all| all.values()).map(BTreeSet::len).sum();
    Blast {
        clusters: usize::from(somebody),
        cluster_admin: usize::from(admin),
        namespaces: namespaces(ground.cluster, &scopes),
        clusters_with_all_secrets: usize::from(all_secrets),
        secret_namespaces: if all_secrets { 0 } else { secrets_of.len() },
        secrets: secrets(ground.cluster, &secrets_of),
        service_accounts: if admin { everyone() } else { accounts.len() },
        ..Blast::default()
    }
}

/// What those hold that are chosen, each thing once: most service accounts hold the same.
fn marks<'g>(ground: &'g Ground<'_>, choose: &impl Fn(NodeId) -> bool) -> Vec<&'g Mark> {
    let mut seen = BTreeSet::new();
    let held = ground.held.iter().filter(|(node, _)| choose(*node));
    let held = held.filter(|(_, held)| held.number.is_none_or(|number| seen.insert(number)));
    held.map(|(_, held)| held.mark()).collect()
}

fn namespaces(cluster: &Cluster, scopes: &BTreeSet<Scope>) -> usize {
    let named: BTreeSet<&str> = scopes.iter().filter_map(Scope::namespace).collect();
    if !scopes.contains(&Scope::Cluster) {
        return named.len();
    }
    let kubernetes = &cluster.kubernetes;
    let listed = kubernetes.list("namespaces").unwrap_or_default().iter().map(|object| object.name.as_str());
    let accounts = kubernetes.list("serviceaccounts").unwrap_or_default().iter();
    let used = accounts.filter_map(|account| account.namespace.as_deref());
    named.into_iter().chain(listed).chain(used).collect::<BTreeSet<_>>().len()
}

fn secrets(cluster: &Cluster, scopes: &BTreeSet<Scope>) -> usize {
    let all = cluster.kubernetes.list("secrets").unwrap_or_default().iter();
    all.filter(|secret| {
        let own = Scope::of(secret.namespace.as_deref());
        scopes.iter().any(|scope| scope.covers(&own))
    })
    .count()
}
