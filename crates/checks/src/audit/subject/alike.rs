//! Clusters that have the same RBAC, as those of a fleet often do: what somebody reaches by it is found once for all of them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use access::reach::{SameRbac, Surroundings};
use facts::ClusterArn;
use inventory::{Cluster, Inventory};
use rbac::Identity;

/// The clusters of an inventory, and what was found of them so far.
#[derive(Debug)]
pub(crate) struct Alike {
    /// Clusters with the same number are alike.
    numbers: BTreeMap<ClusterArn, usize>,
    reached: Mutex<HashMap<(usize, Identity), Option<String>>>,
}

impl Alike {
    pub(super) fn of(inventory: &Inventory) -> Self {
        let mut known = HashMap::new();
        let mut numbers = BTreeMap::new();
        for (arn, cluster) in &inventory.clusters {
            let next = known.len();
            let number = known.entry((SameRbac::of(cluster), surroundings(cluster))).or_insert(next);
            numbers.insert(arn.clone(), *number);
        }
        Self { numbers, reached: Mutex::default() }
    }

    /// What `find` finds for an identity on a cluster, or found on one that is like it.
    pub(crate) fn reached(
        &self,
        cluster: &ClusterArn,
        identity: &Identity,
        find: impl FnOnce() -> Option<String>,
    ) -> Option<String> {
        let Some(number) = self.numbers.get(cluster) else { return find() };
        let key = (*number, identity.clone());
        let known = self.reached.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        // Others may find the same meanwhile.
        known.unwrap_or_else(|| {
            let found = find();
            self.reached.lock().unwrap_or_else(PoisonError::into_inner).insert(key, found.clone());
            found
        })
    }
}

/// What, beside its RBAC, decides what that leads to on a cluster. An account without a namespace is nobody.
pub(crate) fn surroundings(cluster: &Cluster) -> Surroundings {
    let mut accounts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for account in cluster.kubernetes.list("serviceaccounts").unwrap_or_default() {
        if let Some(namespace) = &account.namespace {
            accounts.entry(namespace.clone()).or_default().insert(account.name.clone());
        }
    }
    Surroundings { service_accounts: Some(accounts), ..Surroundings::of(cluster) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use facts::Place;
    use inventory::folder;

    use super::*;

    fn acme() -> Inventory {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme/inventory");
        Inventory::read(&folder::inventory(&folder).unwrap()).inventory
    }

    /// How many different clusters there are once one has become a copy of another with a change.
    fn different(change: impl Fn(&mut Cluster)) -> usize {
        let mut inventory = acme();
        let other = inventory.clusters.values().next().unwrap().clone();
        let last = inventory.clusters.values_mut().last().unwrap();
        *last = other;
        change(last);
        let mut numbers: Vec<usize> = Alike::of(&inventory).numbers.into_values().collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.len()
    }

    #[test]
    fn clusters_are_alike_wherever_it_is_written_and_by_nothing_less() {
        let all = acme().clusters.len();
        let elsewhere = Some(Place::file("elsewhere"));
        let moved = different(|cluster| {
            cluster.kubernetes.roles.iter_mut().for_each(|role| role.place.clone_from(&elsewhere));
            cluster.kubernetes.bindings.iter_mut().for_each(|binding| binding.place.clone_from(&elsewhere));
        });
        assert_eq!(moved, all - 1);
        let changes: [fn(&mut Cluster); 6] = [
            |cluster| cluster.kubernetes.roles[0].rules = [].into(),
            |cluster| cluster.kubernetes.roles[0].labels = [("a".to_owned(), "b".to_owned())].into(),
            |cluster| cluster.kubernetes.roles[0].aggregation = Some(Default::default()),
            |cluster| drop(cluster.kubernetes.bindings.pop()),
            |cluster| cluster.kubernetes.bindings[0].subjects.clear(),
            |cluster| drop(cluster.kubernetes.objects.get_mut("serviceaccounts").unwrap().pop()),
        ];
        for change in changes {
            assert_eq!(different(change), all);
        }
        let mode = |cluster: &mut Cluster| {
            cluster.description.known_mut().unwrap().authentication_mode = Some("OTHER".to_owned());
        };
        assert_eq!(different(mode), all);
    }
}
