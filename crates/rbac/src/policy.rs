//! All RBAC objects of one cluster.

use std::collections::{BTreeMap, BTreeSet};

use facts::Gap;

use crate::{Binding, Identity, PermissionSet, Role, RoleRef, Scope, Subject, aggregate::aggregate};

/// The Roles, ClusterRoles, RoleBindings and ClusterRoleBindings of one cluster, aggregation done.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    cluster_roles: BTreeMap<String, Role>,
    /// By namespace, then by name.
    roles: BTreeMap<String, BTreeMap<String, Role>>,
    /// ClusterRoleBindings first, then RoleBindings by namespace: the order in which Kubernetes asks them.
    bindings: Vec<Binding>,
    /// The numbers of those that name a subject.
    naming: Naming,
    gaps: Vec<Gap>,
}

/// Numbers of bindings by whom they name: most name others than whoever is asked about.
#[derive(Clone, Debug, Default)]
struct Naming {
    users: BTreeMap<String, Vec<usize>>,
    groups: BTreeMap<String, Vec<usize>>,
}

/// What one identity holds in RBAC.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// What it certainly holds.
    pub permissions: PermissionSet,
    /// Why it may hold more.
    pub unknown: Vec<Gap>,
}

/// A binding that applies to an identity.
pub(crate) struct Grant<'a> {
    pub(crate) binding: &'a Binding,
    pub(crate) subject: &'a Subject,
    /// Absent where the policy has no such role.
    pub(crate) role: Option<&'a Role>,
}

impl Policy {
    /// A policy of these objects. Where two have the same kind, namespace and name, the later one counts.
    ///
    /// With gaps some objects may not be known: then nothing is certainly not allowed.
    pub fn new(
        roles: impl IntoIterator<Item = Role>,
        bindings: impl IntoIterator<Item = Binding>,
        gaps: impl IntoIterator<Item = Gap>,
    ) -> Self {
        let mut policy = Self { gaps: gaps.into_iter().collect(), ..Self::default() };
        for role in roles {
            match &role.namespace {
                None => policy.cluster_roles.insert(role.name.clone(), role),
                Some(namespace) => {
                    policy.roles.entry(namespace.clone()).or_default().insert(role.name.clone(), role)
                }
            };
        }
        let bindings =
            bindings.into_iter().map(|binding| ((binding.namespace.clone(), binding.name.clone()), binding));
        policy.bindings = bindings.collect::<BTreeMap<_, _>>().into_values().collect();
        policy.naming = Naming::of(&policy.bindings);
        aggregate(&mut policy.cluster_roles, !policy.gaps.is_empty());
        policy
    }

    /// What is not known of this cluster's RBAC objects.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// ClusterRoles by name, then Roles by namespace and name.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.cluster_roles.values().chain(self.roles.values().flat_map(BTreeMap::values))
    }

    /// ClusterRoleBindings by name, then RoleBindings by namespace and name.
    pub fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.bindings.iter()
    }

    /// The places among [`bindings`](Self::bindings) of those that name an identity or one of its groups, from 0.
    pub fn applying(&self, identity: &Identity) -> BTreeSet<usize> {
        self.naming.of_identity(identity)
    }

    /// The role that a binding in this namespace, or at cluster scope, refers to.
    pub fn role(&self, reference: &RoleRef, namespace: Option<&str>) -> Option<&Role> {
        match reference.kind.as_str() {
            "ClusterRole" => self.cluster_roles.get(&reference.name),
            "Role" => self.roles.get(namespace?)?.get(&reference.name),
            _ => None,
        }
    }

    /// All that an identity may do by RBAC; everything for members of `system:masters`.
    pub fn held(&self, identity: &Identity) -> Held {
        if identity.is_master() {
            return Held { permissions: PermissionSet::everything(), unknown: Vec::new() };
        }
        let mut permissions = PermissionSet::new();
        for Grant { binding, role, .. } in self.grants(identity) {
            let scope = Scope::of(binding.namespace.as_deref());
            for rule in role.iter().flat_map(|role| role.rules.iter()) {
                permissions.insert_rule(&scope, rule);
            }
        }
        Held { permissions, unknown: self.unknown(identity) }
    }

    pub(crate) fn grants<'a>(&'a self, identity: &'a Identity) -> impl Iterator<Item = Grant<'a>> {
        self.applying(identity).into_iter().filter_map(|number| {
            let binding = self.bindings.get(number)?;
            let subject = binding.subject_for(identity)?;
            let role = self.role(&binding.role_ref, binding.namespace.as_deref());
            Some(Grant { binding, subject, role })
        })
    }

    /// Why an identity may hold more than the policy says: nothing if the policy is complete.
    ///
    /// Kubernetes ignores a binding to a role that doesn't exist; in a policy with gaps the role may exist.
    pub(crate) fn unknown(&self, identity: &Identity) -> Vec<Gap> {
        if self.gaps.is_empty() {
            return Vec::new();
        }
        let missing =
            self.grants(identity).filter(|grant| grant.role.is_none()).map(|Grant { binding, .. }| {
                let RoleRef { kind, name, .. } = &binding.role_ref;
                let used = format!("{} `{}` refers to it, but it was not read", binding.kind(), binding.name);
                Gap::new(format!("the rules of {kind} `{name}`"), used)
            });
        self.gaps.iter().cloned().chain(missing).collect()
    }
}

impl Naming {
    fn of(bindings: &[Binding]) -> Self {
        let mut naming = Self::default();
        for (number, binding) in bindings.iter().enumerate() {
            for subject in &binding.subjects {
                let (names, name) = match subject.kind.as_str() {
                    "User" => (&mut naming.users, subject.name.clone()),
                    "Group" => (&mut naming.groups, subject.name.clone()),
                    _ => match binding.account(subject) {
                        Some(account) => (&mut naming.users, account),
                        None => continue,
                    },
                };
                names.entry(name).or_default().push(number);
            }
        }
        naming
    }

    /// Those that name an identity or one of its groups, in their order.
    fn of_identity(&self, identity: &Identity) -> BTreeSet<usize> {
        let groups = identity.groups.iter().filter_map(|group| self.groups.get(group));
        self.users.get(&identity.user).into_iter().chain(groups).flatten().copied().collect()
    }
}
