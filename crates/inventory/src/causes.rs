//! Why something isn't known: whoever collected the inventory may have written it down in `gaps.json`.

use std::collections::BTreeMap;

use facts::Gap;

use crate::{Cluster, Inventory, Known};

/// Gives gaps the causes that `gaps.json` has for the same things, by their names.
pub(crate) fn adopt(inventory: &mut Inventory) {
    let causes: Causes = inventory.gaps.iter().map(|gap| (gap.what.clone(), gap.cause.clone())).collect();
    if causes.is_empty() {
        return;
    }
    for account in inventory.accounts.values_mut() {
        explain(&mut account.roles, &causes);
        explain(&mut account.users, &causes);
        explain(&mut account.oidc_providers, &causes);
        if let Some(providers) = account.oidc_providers.known_mut() {
            providers.values_mut().for_each(|provider| explain(&mut provider.client_ids, &causes));
        }
    }
    inventory.clusters.values_mut().for_each(|cluster| of_cluster(cluster, &causes));
}

type Causes = BTreeMap<String, String>;

fn of_cluster(cluster: &mut Cluster, causes: &Causes) {
    explain(&mut cluster.description, causes);
    explain(&mut cluster.access_entries, causes);
    explain(&mut cluster.access_policies, causes);
    explain(&mut cluster.pod_identity_associations, causes);
    explain(&mut cluster.capabilities, causes);
    if let Some(entries) = cluster.access_entries.known_mut() {
        entries.values_mut().for_each(|entry| explain(&mut entry.policies, causes));
    }
    if let Some(associations) = cluster.pod_identity_associations.known_mut() {
        associations.values_mut().for_each(|association| explain(&mut association.role, causes));
    }
    if let Some(capabilities) = cluster.capabilities.known_mut() {
        capabilities.values_mut().for_each(|capability| explain(&mut capability.details, causes));
    }
    cluster.kubernetes.gaps.values_mut().for_each(|gap| of_gap(gap, causes));
}

fn explain<T>(known: &mut Known<T>, causes: &Causes) {
    if let Known::Gap(gap) = known {
        of_gap(gap, causes);
    }
}

fn of_gap(gap: &mut Gap, causes: &Causes) {
    if let Some(cause) = causes.get(&gap.what) {
        gap.cause.clone_from(cause);
    }
}
