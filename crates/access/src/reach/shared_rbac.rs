//! RBAC that clusters have in common: fleets are made from templates, so what somebody holds by it is found once for all clusters
//! whose objects differ in nothing but where they stand.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak},
};

use facts::{Gap, Outcome, Place};
use inventory::{Cluster, Known};
use rbac::{By, ByRule, Identity, PermissionSet, Policy, Request, Subject};

use super::{
    holding::{Holding, Number},
    same_rbac::SameRbac,
    together::Together,
};
use crate::{
    authorization::{Authorizers, certain},
    cluster_identity::ClusterIdentity,
};

/// The RBAC of all clusters on the way.
#[derive(Debug, Default)]
pub(super) struct AllRbac<'i> {
    /// Let go of as soon as no cluster asks any more.
    known: Mutex<HashMap<SameRbac<'i>, Weak<SharedRbac<'i>>>>,
}

/// The RBAC of one cluster or of several, and what was found of it so far.
#[derive(Debug)]
pub(super) struct SharedRbac<'i> {
    /// One of the clusters.
    cluster: &'i Cluster,
    minor: Option<u32>,
    authorizers: OnceLock<Authorizers>,
    found: Mutex<Found>,
}

#[derive(Debug, Default)]
struct Found {
    holdings: BTreeMap<Held, Arc<Holding>>,
    together: BTreeMap<BTreeSet<Number>, Arc<Together>>,
}

/// By what somebody holds something: bindings and access policies, which a scope may limit to some of the namespaces that there are.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    /// A member of `system:masters` needs no binding.
    is_master: bool,
    /// The bindings that apply, by their places in the policy.
    bindings: BTreeSet<usize>,
    associations: Vec<(String, Vec<String>)>,
    namespaces: Option<Vec<String>>,
}

/// As whom the authorizers know somebody.
#[derive(Clone, Debug)]
pub(super) enum Who {
    Kubernetes(Identity),
    Iam(Box<ClusterIdentity>),
}

impl<'i> AllRbac<'i> {
    /// Of a cluster.
    pub(super) fn of(&self, cluster: &'i Cluster) -> Arc<SharedRbac<'i>> {
        let same = SameRbac::of(cluster);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = known.get(&same).and_then(Weak::upgrade) {
            return shared;
        }
        let minor = same.minor;
        let shared = SharedRbac { cluster, minor, authorizers: OnceLock::new(), found: Mutex::default() };
        let shared = Arc::new(shared);
        known.insert(same, Arc::downgrade(&shared));
        shared
    }
}

impl<'i> SharedRbac<'i> {
    /// Of a cluster about which nobody asks any more.
    pub(super) fn of_nothing(cluster: &'i Cluster) -> Self {
        let authorizers = Authorizers::default().into();
        Self { cluster, minor: None, authorizers, found: Mutex::default() }
    }

    /// Who decides. Of roles it has the places of one of the clusters.
    fn authorizers(&self) -> &Authorizers {
        self.authorizers.get_or_init(|| Authorizers::of(self.cluster))
    }

    /// RBAC without places.
    pub(super) fn policy(&self) -> &Policy {
        self.authorizers().rbac()
    }

    /// Whomever bindings name.
    pub(super) fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.authorizers().subjects()
    }

    /// What wasn't read.
    pub(super) fn gaps(&self) -> &[Gap] {
        self.authorizers().gaps()
    }

    /// What somebody holds, on a cluster with these namespaces if they are known.
    pub(super) fn held(&self, who: &Who, namespaces: Option<&[&str]>) -> Arc<Holding> {
        let authorizers = self.authorizers();
        let (identity, associations) = match who {
            Who::Kubernetes(identity) => (identity.clone(), &[][..]),
            Who::Iam(identity) => match &identity.associations {
                Known::Known(associations) => (certain(identity), associations.as_slice()),
                Known::Gap(_) => return Arc::new(Holding::of(authorizers.held(identity, namespaces))),
            },
        };
        let limits = namespaces.filter(|_| !associations.is_empty());
        let held = Held {
            is_master: identity.is_master(),
            bindings: authorizers.rbac().applying(&identity),
            associations: associations.to_vec(),
            namespaces: limits.map(|all| all.iter().map(|&namespace| namespace.to_owned()).collect()),
        };
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let number = found.holdings.len();
        let holding = found.holdings.entry(held).or_insert_with(|| {
            let held = match who {
                Who::Kubernetes(identity) => authorizers.held_by_rbac(identity),
                Who::Iam(identity) => authorizers.held(identity, namespaces),
            };
            Arc::new(Holding::of(held).numbered(number))
        });
        Arc::clone(holding)
    }

    /// What those hold together who hold what these numbers stand for.
    pub(super) fn together(
        &self,
        numbers: &BTreeSet<Number>,
        all: impl FnOnce() -> Arc<PermissionSet>,
    ) -> Arc<Together> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(together) = found.together.get(numbers) {
            return Arc::clone(together);
        }
        let together = Arc::new(self.alone(all()));
        found.together.insert(numbers.clone(), Arc::clone(&together));
        together
    }

    /// The same of permissions that no number stands for.
    pub(super) fn alone(&self, all: Arc<PermissionSet>) -> Together {
        Together::of(all, self.minor)
    }

    /// What lets somebody make a request, in words, and where that stands on a cluster; nothing where no single rule does.
    pub(super) fn decided(
        &self,
        cluster: &Cluster,
        who: &Who,
        request: &Request,
    ) -> Option<(String, Option<Place>)> {
        let outcome = match who {
            Who::Kubernetes(identity) => self.authorizers().decide_user(identity, request),
            Who::Iam(identity) => self.authorizers().decide(identity, request),
        };
        let Outcome::Allowed { by } = outcome else { return None };
        let place = if let By::Rule(rule) = &by { place(cluster, rule) } else { None };
        Some((by.to_string(), place))
    }
}

/// Where a cluster's own role stands. Of several the last one counts.
fn place(cluster: &Cluster, ByRule { binding_namespace, role, .. }: &ByRule) -> Option<Place> {
    let namespace = binding_namespace.as_ref().filter(|_| role.kind == "Role");
    let mut roles = cluster.kubernetes.roles.iter().rev();
    roles.find(|own| own.name == role.name && own.namespace.as_ref() == namespace)?.place.clone()
}
