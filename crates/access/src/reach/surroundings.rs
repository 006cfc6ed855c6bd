//! What has to be known of a cluster, beside its RBAC, to say where a permission leads.

use std::collections::{BTreeMap, BTreeSet};

use inventory::Cluster;
use rbac::{Policy, reach::World};

/// Read from an inventory's cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Surroundings {
    /// The service accounts by namespace; absent if they weren't read.
    pub service_accounts: Option<BTreeMap<String, BTreeSet<String>>>,
    /// Whether aws-auth counts; absent if the authentication mode wasn't read.
    pub reads_aws_auth: Option<bool>,
    /// The minor version of Kubernetes 1.
    pub minor: Option<u32>,
}

impl Surroundings {
    /// Of a cluster.
    pub fn of(cluster: &Cluster) -> Self {
        let description = cluster.description.known();
        let mode = description.and_then(|description| description.authentication_mode.as_deref());
        Self {
            service_accounts: service_accounts(cluster),
            reads_aws_auth: mode.map(|mode| mode != "API"),
            minor: minor(cluster),
        }
    }

    /// With a cluster's RBAC.
    pub fn world<'a>(&'a self, policy: &'a Policy) -> World<'a> {
        World {
            policy,
            service_accounts: self.service_accounts.as_ref(),
            reads_aws_auth: self.reads_aws_auth,
            minor: self.minor,
        }
    }
}

/// The minor version of Kubernetes 1, if it was read.
pub(super) fn minor(cluster: &Cluster) -> Option<u32> {
    cluster.description.known()?.version.as_deref()?.split('.').nth(1)?.parse().ok()
}

fn service_accounts(cluster: &Cluster) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let mut accounts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for account in cluster.kubernetes.list("serviceaccounts").ok()? {
        accounts.entry(account.namespace.clone()?).or_default().insert(account.name.clone());
    }
    Some(accounts)
}
