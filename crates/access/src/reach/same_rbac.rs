//! Clusters whose roles and bindings differ in nothing but where they stand.

use std::hash::{DefaultHasher, Hash, Hasher};

use facts::Gap;
use inventory::Cluster;
use rbac::{Binding, Role};

use super::surroundings::minor;
use crate::authorization::unread;

/// What a cluster's RBAC says, wherever that stands: two clusters with the same are equal.
#[derive(Clone, Debug)]
pub struct SameRbac<'i> {
    cluster: &'i Cluster,
    /// The minor version of Kubernetes 1: some ways are closed by it.
    pub(super) minor: Option<u32>,
    unread: Vec<Gap>,
    /// All of it in a number, so that nobody has to wait for another one's.
    hash: u64,
}

impl<'i> SameRbac<'i> {
    /// Of a cluster.
    pub fn of(cluster: &'i Cluster) -> Self {
        let mut same = Self { cluster, minor: minor(cluster), unread: unread(cluster), hash: 0 };
        let mut hasher = DefaultHasher::new();
        for role in same.roles() {
            (&role.namespace, &role.name, &role.labels, &role.rules).hash(&mut hasher);
        }
        for binding in same.bindings() {
            (&binding.namespace, &binding.name, &binding.role_ref.kind, &binding.role_ref.name)
                .hash(&mut hasher);
            binding.subjects.iter().for_each(|subject| (&subject.kind, &subject.name).hash(&mut hasher));
        }
        same.hash = hasher.finish();
        same
    }

    fn roles(&self) -> &'i [Role] {
        &self.cluster.kubernetes.roles
    }

    fn bindings(&self) -> &'i [Binding] {
        &self.cluster.kubernetes.bindings
    }
}

/// Whether two roles differ in nothing but where they stand.
fn same_role(one: &Role, other: &Role) -> bool {
    let Role { namespace, name, labels, rules, aggregation, place: _ } = one;
    (namespace, name, labels) == (&other.namespace, &other.name, &other.labels)
        && *rules == other.rules
        && *aggregation == other.aggregation
}

/// Whether two bindings differ in nothing but where they stand.
fn same_binding(one: &Binding, other: &Binding) -> bool {
    let Binding { namespace, name, role_ref, subjects, place: _ } = one;
    (namespace, name, role_ref) == (&other.namespace, &other.name, &other.role_ref)
        && *subjects == other.subjects
}

fn all_same<T>(some: &[T], others: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    some.len() == others.len() && some.iter().zip(others).all(|(one, other)| same(one, other))
}

impl PartialEq for SameRbac<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.hash, self.minor, &self.unread) == (other.hash, other.minor, &other.unread)
            && all_same(self.roles(), other.roles(), same_role)
            && all_same(self.bindings(), other.bindings(), same_binding)
    }
}

impl Eq for SameRbac<'_> {}

impl Hash for SameRbac<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}
