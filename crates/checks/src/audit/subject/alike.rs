//! Clusters that have the same RBAC, as those of a fleet often do: what somebody reaches by it is found once for all of them.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};

use facts::ClusterArn;
use inventory::{Cluster, Inventory};
use rbac::{Binding, Identity, Role};

/// The clusters of an inventory, and what was found of them so far.
#[derive(Debug)]
pub(crate) struct Alike {
    /// Clusters with the same number are alike.
    numbers: BTreeMap<ClusterArn, usize>,
    reached: Mutex<HashMap<(usize, Identity), Option<String>>>,
}

impl Alike {
    pub(super) fn of(inventory: &Inventory) -> Self {
        let mut by_hash: HashMap<u64, Vec<(usize, &Cluster)>> = HashMap::new();
        let mut numbers = BTreeMap::new();
        for (arn, cluster) in &inventory.clusters {
            let known = by_hash.entry(hash(cluster)).or_default();
            let number = known.iter().find(|(_, other)| are(cluster, other)).map(|(number, _)| *number);
            let number = number.unwrap_or_else(|| {
                known.push((numbers.len(), cluster));
                numbers.len()
            });
            numbers.insert(arn.clone(), number);
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

/// Whether two clusters are the same in all that decides what RBAC leads to; where it was written decides nothing.
fn are(a: &Cluster, b: &Cluster) -> bool {
    let (roles, bindings) = (&a.kubernetes.roles, &a.kubernetes.bindings);
    let (others, other_bindings) = (&b.kubernetes.roles, &b.kubernetes.bindings);
    settings(a) == settings(b)
        && accounts(a).eq(accounts(b))
        && roles.len() == others.len()
        && roles.iter().zip(others).all(|(a, b)| role(a) == role(b) && a.aggregation == b.aggregation)
        && bindings.len() == other_bindings.len()
        && bindings.iter().zip(other_bindings).all(|(a, b)| binding(a) == binding(b))
}

fn hash(cluster: &Cluster) -> u64 {
    let mut hasher = DefaultHasher::new();
    settings(cluster).hash(&mut hasher);
    accounts(cluster).for_each(|account| account.hash(&mut hasher));
    cluster.kubernetes.roles.iter().for_each(|own| role(own).hash(&mut hasher));
    hasher.finish()
}

/// All but its place and its aggregation.
fn role(role: &Role) -> impl Hash + PartialEq + '_ {
    (&role.namespace, &role.name, &role.labels, &role.rules)
}

/// All but its place.
fn binding(binding: &Binding) -> impl PartialEq + '_ {
    (&binding.namespace, &binding.name, &binding.role_ref, &binding.subjects)
}

/// Version and authentication mode.
fn settings(cluster: &Cluster) -> Option<(Option<&str>, Option<&str>)> {
    let description = cluster.description.known()?;
    Some((description.version.as_deref(), description.authentication_mode.as_deref()))
}

fn accounts(cluster: &Cluster) -> impl Iterator<Item = (Option<&str>, &str)> {
    let accounts = cluster.kubernetes.objects.get("serviceaccounts").into_iter().flatten();
    accounts.map(|account| (account.namespace.as_deref(), account.name.as_str()))
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
            |cluster| cluster.kubernetes.roles[0].rules.clear(),
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
