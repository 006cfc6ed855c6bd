//! The cluster around a permission: who else is there, and what they hold.

use std::collections::{BTreeMap, BTreeSet};

use facts::Gap;
use serde::Serialize;

use super::entry::Gives;
use crate::{Held, Identity, Permission, PermissionSet, Policy, Role, Scope, pattern::ALL};

/// What has to be known of a cluster to say where a permission leads.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// Its RBAC objects.
    pub policy: &'a Policy,
    /// The service accounts by namespace; absent if they were not read. Every namespace has at least `default`.
    pub service_accounts: Option<&'a BTreeMap<String, BTreeSet<String>>>,
    /// Whether EKS still reads the aws-auth ConfigMap (authentication modes CONFIG_MAP and API_AND_CONFIG_MAP);
    /// `Some(false)` off EKS.
    pub reads_aws_auth: Option<bool>,
    /// The minor version of Kubernetes 1; absent if not known, then steps that newer versions closed count.
    pub minor: Option<u32>,
}

/// What one step gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gain {
    /// Whose permissions are reached: user names, groups, service accounts as `namespace/name`, roles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
    /// What they hold.
    pub permissions: PermissionSet,
    /// Why it may be more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Gap>,
}

impl World<'_> {
    /// What a permission gives here.
    pub fn gain(&self, gives: Gives, by: &Permission) -> Gain {
        let (scope, name) = match by {
            Permission::Resource { scope, name, .. } => (scope, name.as_deref()),
            Permission::NonResource { .. } => (&Scope::Cluster, None),
        };
        match gives {
            Gives::Outside => Gain::default(),
            Gives::Everything => Gain::of(PermissionSet::everything()),
            Gives::Wildcard if *scope == Scope::Cluster => Gain::of(PermissionSet::everything()),
            Gives::Wildcard => self.service_accounts(scope.namespace(), None),
            Gives::EverythingByAwsAuth => self.by_aws_auth(),
            Gives::EverythingThere => Gain::everything_in(scope),
            Gives::ServiceAccounts => {
                self.service_accounts(scope.namespace(), name.filter(|_| names_account(by)))
            }
            Gives::AllServiceAccounts => self.service_accounts(None, None),
            Gives::Users => self.users(name),
            Gives::Groups if name.is_none_or(|name| name == Identity::MASTERS) => {
                Gain { from: vec![Identity::MASTERS.to_owned()], ..Gain::of(PermissionSet::everything()) }
            }
            Gives::Groups => self.subjects("Group", name),
            Gives::UsersAndGroups => self.users(None).and(self.subjects("Group", None)),
            Gives::ClusterRoles if name.is_none() => Gain::everything_in(scope),
            Gives::ClusterRoles => {
                self.roles(scope, |role| role.namespace.is_none() && name == Some(&role.name), name)
            }
            Gives::Roles => self.roles(
                scope,
                |role| {
                    let there =
                        role.namespace.as_deref().is_some_and(|ns| scope.namespace().is_none_or(|s| s == ns));
                    there && name.is_none_or(|name| name == role.name)
                },
                None,
            ),
        }
    }

    fn by_aws_auth(&self) -> Gain {
        let gap = || {
            Gap::new(
                "whether the cluster reads the aws-auth ConfigMap",
                "its authentication mode was not read",
            )
        };
        match self.reads_aws_auth {
            Some(true) => Gain::of(PermissionSet::everything()),
            Some(false) => Gain::default(),
            None => Gain { unknown: vec![gap()], ..Gain::default() },
        }
    }

    /// The service accounts of one namespace, or of all; perhaps only the one of a name.
    fn service_accounts(&self, namespace: Option<&str>, name: Option<&str>) -> Gain {
        let Some(accounts) = self.service_accounts else {
            let whose = namespace.map_or("the cluster".to_owned(), |ns| format!("namespace `{ns}`"));
            let gap = Gap::new(format!("the service accounts of {whose}"), "service accounts were not read");
            return Gain { unknown: vec![gap], ..Gain::default() };
        };
        let mut gain = Gain::default();
        for (ns, names) in accounts.iter().filter(|(ns, _)| namespace.is_none_or(|wanted| wanted == *ns)) {
            for account in names.iter().filter(|account| name.is_none_or(|wanted| wanted == *account)) {
                let held = self.policy.held(&Identity::service_account(ns, account));
                gain.add(format!("{ns}/{account}"), held);
            }
        }
        gain
    }

    /// The users that bindings name, and the service accounts, which are users too; or the one of a name.
    fn users(&self, name: Option<&str>) -> Gain {
        let account =
            name.map(|name| name.strip_prefix("system:serviceaccount:").and_then(|a| a.split_once(':')));
        match account {
            None => self.subjects("User", None).and(self.service_accounts(None, None)),
            Some(Some((namespace, account))) => self.service_accounts(Some(namespace), Some(account)),
            Some(None) => self.subjects("User", name),
        }
    }

    /// The users or groups that bindings name.
    fn subjects(&self, kind: &str, name: Option<&str>) -> Gain {
        let named = self.policy.bindings().flat_map(|binding| &binding.subjects);
        let named =
            named.filter(|subject| subject.kind == kind && name.is_none_or(|name| name == subject.name));
        let names: BTreeSet<&str> = named.map(|subject| subject.name.as_str()).collect();
        let mut gain = Gain::default();
        for name in names.into_iter().filter(|name| *name != Identity::MASTERS) {
            let identity = match kind {
                "Group" => Identity { user: String::new(), groups: BTreeSet::from([name.to_owned()]) },
                _ => Identity { user: name.to_owned(), groups: BTreeSet::new() },
            };
            gain.add(name.to_owned(), self.policy.held(&identity));
        }
        gain
    }

    /// The rules of some roles; `wanted` is one that must be there.
    fn roles(&self, scope: &Scope, select: impl Fn(&Role) -> bool, wanted: Option<&str>) -> Gain {
        let mut gain = Gain::default();
        for role in self.policy.roles().filter(|role| select(role)) {
            let own = role.namespace.as_deref().map(|namespace| Scope::of(Some(namespace)));
            let permissions = PermissionSet::of_rules(own.as_ref().unwrap_or(scope), role.rules.iter());
            gain.add(format!("{} `{}`", role.kind(), role.name), Held { permissions, unknown: Vec::new() });
        }
        if let Some(name) = wanted.filter(|_| gain.from.is_empty()) {
            gain.unknown
                .push(Gap::new(format!("the rules of ClusterRole `{name}`"), "no such role was read"));
        }
        gain
    }
}

impl Gain {
    fn of(permissions: PermissionSet) -> Self {
        Self { permissions, ..Self::default() }
    }

    fn everything_in(scope: &Scope) -> Self {
        match scope {
            Scope::Cluster => Self::of(PermissionSet::everything()),
            scope => Self::of([Permission::resource(scope.clone(), ALL, ALL, ALL)].into_iter().collect()),
        }
    }

    fn add(&mut self, from: String, held: Held) {
        self.permissions.extend(held.permissions.iter());
        self.from.push(from);
        for gap in held.unknown {
            if !self.unknown.contains(&gap) {
                self.unknown.push(gap);
            }
        }
    }

    pub(super) fn and(mut self, other: Self) -> Self {
        self.permissions.extend(other.permissions.iter());
        self.from.extend(other.from);
        self.unknown.extend(other.unknown);
        self
    }
}

/// Whether the permission's name is a service account's, and not that of a pod or a workload.
fn names_account(by: &Permission) -> bool {
    matches!(by, Permission::Resource { resource, .. } if resource.starts_with("serviceaccounts"))
}
