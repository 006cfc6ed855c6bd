//! As whom each Application of a cluster syncs.

use std::{collections::BTreeMap, sync::Arc};

use argocd::{Impersonation, ServiceAccount, Settings};
use facts::ClusterArn;

use crate::{Deployed, Input, cluster_needs::application_name, desired};

/// The service accounts of a cluster's Applications: those that their projects name, else those that the plan adds to
/// the projects.
pub(crate) fn of(
    input: &Input<'_>,
    settings: &Settings,
    arn: &ClusterArn,
    deployed: &[&Deployed],
) -> Impersonation {
    if !settings.impersonation_enabled {
        return Impersonation::Off;
    }
    let accounts: BTreeMap<Arc<str>, ServiceAccount> = deployed
        .iter()
        .filter_map(|deployed| {
            let account = desired::sync_account(input, arn, deployed)?;
            let account = ServiceAccount {
                namespace: account.namespace.as_str().into(),
                name: account.name.as_str().into(),
            };
            Some((application_name(deployed), account))
        })
        .collect();
    Impersonation::On { accounts, enforced: settings.impersonation_enforced.unwrap_or(true) }
}
