//! Changes that may make an IAM principal somebody on a cluster.

use access::cluster_identity::{self, Refusal, Resolved};
use facts::{ClusterArn, RoleArn};
use inventory::{Cluster, Inventory};

use crate::diagnosis::change::Change;

/// From a caller to somebody on the cluster.
pub(super) fn identity(
    inventory: &Inventory,
    arn: &ClusterArn,
    caller: &cluster_identity::Caller,
) -> Vec<Vec<Change>> {
    let Some(cluster) = inventory.clusters.get(arn) else { return Vec::new() };
    let why = match cluster_identity::resolve(cluster, caller) {
        Resolved::Nobody { why } => why,
        // In mode CONFIG_MAP nobody can tell who made the cluster, and the cluster has refused the caller.
        Resolved::Unknown { .. } => Vec::new(),
        Resolved::Identity(_) => return Vec::new(),
    };
    let principal = principal(inventory, caller.arn());
    let entries = cluster.access_entries.known();
    let known = entries.and_then(|entries| entries.values().find(|entry| same(&entry.principal, &principal)));
    let entry = |again: bool| Change::Entry {
        cluster: arn.clone(),
        principal: principal.clone(),
        groups: known.map(|own| own.groups.clone()).unwrap_or_default(),
        policies: known.and_then(|own| own.policies.known().cloned()).unwrap_or_default(),
        again,
    };
    let mapped = why.iter().any(|why| matches!(why, Refusal::AwsAuthNotRead { .. }));
    let mut own = entry(known.is_some());
    if let (true, Change::Entry { groups, .. }) = (mapped, &mut own) {
        *groups = mapped_groups(cluster, &principal);
    }
    let mode = Change::Mode { cluster: arn.clone() };
    match cluster_identity::AuthenticationMode::of(cluster) {
        Ok(cluster_identity::AuthenticationMode::ConfigMap) if known.is_some() => vec![vec![mode]],
        Ok(cluster_identity::AuthenticationMode::ConfigMap) => vec![vec![mode, own]],
        Ok(_) if !why.is_empty() => vec![vec![own]],
        _ => Vec::new(),
    }
}

/// The role's own ARN, with its path.
fn principal(inventory: &Inventory, arn: &str) -> String {
    let Ok(role) = arn.parse::<RoleArn>() else { return arn.to_owned() };
    let account = inventory.accounts.get(&role.account).and_then(|account| account.roles.known());
    account.and_then(|roles| roles.get(&role.name)).map_or_else(|| arn.to_owned(), |own| own.arn.to_string())
}

fn same(a: &str, b: &str) -> bool {
    let role = |arn: &str| arn.parse::<RoleArn>().map(|role| (role.account, role.name));
    a == b || role(a).is_ok_and(|a| role(b) == Ok(a))
}

/// Groups that aws-auth gives a role; access entries can't have Kubernetes' own.
fn mapped_groups(cluster: &Cluster, principal: &str) -> Vec<String> {
    let mapped = cluster_identity::AwsAuth::of(cluster).map(|own| own.roles.items).unwrap_or_default();
    let own = mapped.iter().filter(|item| same(&item.arn, principal));
    own.flat_map(|item| item.groups.iter().filter(|group| !group.starts_with("system:")).cloned()).collect()
}
