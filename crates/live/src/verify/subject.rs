//! Who is asked about: the identities of Argo CD on a cluster, with the roles by which they come there.

use std::collections::BTreeSet;

use access::{
    Accounts, Arrival, Component, Hop, Installation, ServiceAccount, Way, Who, authorization::Authorizers,
};
use argocd::Identity;
use facts::{ClusterArn, RoleArn};
use inventory::Inventory;
use rbac::Permission;

/// An identity of Argo CD on a cluster, as an inventory has its way there.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The cluster.
    pub cluster: ClusterArn,
    /// Its name in the fleet.
    pub name: String,
    /// The identity.
    pub identity: Identity,
    /// Its pod's service account on the hub, as `namespace/name`.
    pub account: String,
    /// The roles that it becomes, one after the other; none where it comes as its pod's service account, or not at all.
    pub roles: Vec<RoleArn>,
    /// The hops up to the cluster.
    pub hops: Vec<Hop>,
    /// What of its needs is asked, in their order.
    pub asked: Vec<Permission>,
    /// How many needs it has that differ.
    pub needs: usize,
}

impl Subject {
    /// Those that have needs on a cluster. Of each one's needs at most `limit` are asked, evenly spread over all of them.
    pub fn on(
        accounts: &Accounts<'_>,
        argocd: &Installation,
        is_capability: bool,
        (cluster, name): (&ClusterArn, &str),
        needs: impl IntoIterator<Item = (Identity, Permission)>,
        limit: usize,
    ) -> Vec<Self> {
        let Some(there) = accounts.inventory().clusters.get(cluster) else { return Vec::new() };
        let ways = access::ways_of_argocd(accounts, argocd, cluster, &Authorizers::of(there));
        let needs: BTreeSet<(Identity, Permission)> = needs.into_iter().collect();
        let identities: BTreeSet<&Identity> = needs.iter().map(|(identity, _)| identity).collect();
        let subject = |identity: &Identity| {
            let (component, base) = match identity {
                Identity::Server => (Component::Server, &Identity::Server),
                // Who is impersonated, is so by the controller.
                Identity::Controller | Identity::Impersonated { .. } => {
                    (Component::Controller, &Identity::Controller)
                }
            };
            let account = argocd.account_of(component);
            let way = |wanted: &Identity| ways.iter().find(|(own, _)| own == wanted).map(|(_, way)| way);
            let permissions: Vec<&Permission> =
                needs.iter().filter(|(own, _)| own == identity).map(|(_, permission)| permission).collect();
            Self {
                cluster: cluster.clone(),
                name: name.to_owned(),
                identity: identity.clone(),
                account: format!("{}/{account}", argocd.namespace),
                roles: way(base)
                    .map(|way| roles(accounts, argocd, account, is_capability, way))
                    .unwrap_or_default(),
                hops: way(identity).or_else(|| way(base)).map(|way| way.hops.clone()).unwrap_or_default(),
                asked: spread(&permissions, limit).into_iter().cloned().collect(),
                needs: permissions.len(),
            }
        };
        identities.into_iter().map(subject).collect()
    }

    /// Whom people read about.
    pub(super) fn who(&self) -> String {
        self.identity.to_string()
    }

    /// The role that the cluster sees.
    pub(super) fn role(&self) -> Option<&RoleArn> {
        self.roles.last()
    }
}

fn roles(
    accounts: &Accounts<'_>,
    argocd: &Installation,
    account: &str,
    is_capability: bool,
    way: &Way,
) -> Vec<RoleArn> {
    let Some(Who::Iam(caller)) = &way.end else { return Vec::new() };
    let Some(end) = with_path(accounts.inventory(), caller.arn()) else { return Vec::new() };
    let pod = || {
        let account = ServiceAccount {
            cluster: argocd.hub.clone(),
            namespace: argocd.namespace.clone(),
            name: account.to_owned(),
        };
        let Arrival { credentials, .. } = access::credentials(accounts, &account);
        credentials?.owner.role().cloned()
    };
    let first = if is_capability { None } else { pod().filter(|role| *role != end) };
    first.into_iter().chain([end]).collect()
}

/// A role as `AssumeRole` takes it: a caller's ARN has no path.
fn with_path(inventory: &Inventory, arn: &str) -> Option<RoleArn> {
    let role: RoleArn = arn.parse().ok()?;
    let account = inventory.accounts.get(&role.account);
    let known = account.and_then(|account| account.roles.known()?.get(&role.name));
    Some(known.map_or(role, |known| known.arn.clone()))
}

/// So many of them at most, the first among them and the others at equal distances.
fn spread<'p, T>(all: &[&'p T], limit: usize) -> Vec<&'p T> {
    if all.len() <= limit {
        return all.to_vec();
    }
    (0..limit).filter_map(|index| all.get(index * all.len() / limit).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_spread_over_all() {
        let all: Vec<&u32> = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].iter().collect();
        assert_eq!(spread(&all, 3), [&0, &3, &6]);
        assert_eq!(spread(&all, 10), all);
        assert_eq!(spread(&all, 0), Vec::<&u32>::new());
    }
}
