//! Where what those who came to a cluster hold together leads on it.

use std::{
    cell::LazyCell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use facts::Gap;
use rbac::{
    Identity, Permission, Scope,
    reach::{Gives, Opening},
};

use super::{Ground, Level, name_of};
use crate::reach::{
    Lead,
    aws::subject,
    outside,
    principal::Principal,
    together::Opened,
    walk::{Found, Has, Map, NodeId, Steps},
    web_identity,
};

impl<'i> Ground<'i> {
    /// Where that leads which all hold together, as far as it didn't when it was looked last.
    pub(super) fn open(&mut self, map: &Map<'i>, steps: &mut Steps) {
        let now = Arc::clone(&self.all);
        let before = self.before.replace(Arc::clone(&now));
        let before = before.iter().flat_map(|before| before.opened());
        let taken: BTreeMap<_, _> = before.map(|opened| (key(opened), &opened.opening.with)).collect();
        for opened in now.opened() {
            // It is taken again when more of what it takes besides is held.
            if taken.get(&key(opened)) != Some(&&opened.opening.with) {
                self.lead(map, opened, steps);
            }
        }
    }

    fn lead(
        &mut self,
        map: &Map<'i>,
        Opened { opening, by: permission, places }: &Opened,
        steps: &mut Steps,
    ) {
        let from = self.holder(&opening.by);
        let decided = self.by(from);
        // Most of what is opened leads to whom another one did.
        let by = LazyCell::new(|| {
            let (rule, place) = decided(&opening.by);
            (format!("{permission}: {rule}"), place)
        });
        let found = |to: Principal| Found::new(from, to, opening.entry.id, by.0.clone()).at(by.1.as_ref());
        for there in places {
            outside::add(map, self, (opening, from), &there.permission, &found, steps);
            if let Some(whose) = &there.tokens {
                web_identity::add(map, self, whose, &found, steps);
            }
            self.leads_there(opening, &there.permission, &found, steps);
        }
        if opening.entry.gives == Gives::Outside {
            let permission = permission.clone();
            steps.leads.push(Lead { from, cluster: self.id, entry: opening.entry, permission });
        }
    }

    fn leads_there(
        &mut self,
        opening: &Opening,
        there: &Permission,
        found: &impl Fn(Principal) -> Found,
        steps: &mut Steps,
    ) {
        match opening.entry.gives {
            Gives::Outside => {}
            Gives::Everything => steps.found.push(found(Principal::ClusterAdmin(self.id))),
            Gives::EverythingByAwsAuth => self.by_aws_auth(found, steps),
            Gives::Wildcard if *there.scope() == Scope::Cluster => {
                steps.found.push(found(Principal::ClusterAdmin(self.id)));
            }
            Gives::EverythingThere => self.everything_in(there.scope(), found, steps),
            Gives::ClusterRoles if name_of(there).is_none() => {
                self.everything_in(there.scope(), found, steps);
            }
            Gives::Wildcard | Gives::ServiceAccounts => {
                let name = name_of(there).filter(|_| names_account(there));
                let level = level(opening.entry.id);
                self.accounts_in(there.scope().namespace(), name, level, found, steps);
            }
            Gives::AllServiceAccounts => self.accounts_in(None, None, Level::Pod, found, steps),
            Gives::Users => self.users(name_of(there), found, steps),
            Gives::Groups => self.groups(name_of(there), true, found, steps),
            Gives::UsersAndGroups => {
                self.users(None, found, steps);
                self.groups(None, false, found, steps);
            }
            Gives::ClusterRoles | Gives::Roles => self.roles(opening.entry.gives, there, found, steps),
        }
    }

    /// The first of those who came that holds a permission.
    fn holder(&self, permission: &Permission) -> NodeId {
        let held = self.held.iter().find(|(_, held)| held.permissions.contains(permission));
        held.or(self.held.first()).map_or(0, |(node, _)| *node)
    }

    fn by_aws_auth(&self, found: &impl Fn(Principal) -> Found, steps: &mut Steps) {
        let found = found(Principal::ClusterAdmin(self.id));
        match (self.surroundings.reads_aws_auth, self.cluster.description.gap()) {
            (Some(true), _) => steps.found.push(found),
            (Some(false), _) => {}
            (None, gap) => {
                let cause = "its authentication mode was not read";
                let own = || Gap::new("whether the cluster reads the aws-auth ConfigMap", cause);
                steps.found.push(found.missing([gap.cloned().unwrap_or_else(own)]));
            }
        }
    }

    fn everything_in(&self, scope: &Scope, found: &impl Fn(Principal) -> Found, steps: &mut Steps) {
        let Some(namespace) = scope.namespace() else {
            return steps.found.push(found(Principal::ClusterAdmin(self.id)));
        };
        let rights = [Permission::resource(scope.clone(), "*", "*", "*")].into_iter().collect();
        let to = Principal::Rights(self.id, format!("everything in namespace {namespace}").into());
        steps.found.push(found(to).having(Has::Rights(rights)));
    }

    fn roles(
        &self,
        gives: Gives,
        there: &Permission,
        found: &impl Fn(Principal) -> Found,
        steps: &mut Steps,
    ) {
        let gain = self.surroundings.world(self.rbac.policy()).gain(gives, there);
        let scope = there.scope().namespace().map_or_else(String::new, |ns| format!(" in namespace {ns}"));
        let what = match name_of(there) {
            Some(name) if gives == Gives::ClusterRoles => format!("ClusterRole `{name}`{scope}"),
            Some(name) => format!("Role `{name}`{scope}"),
            None => format!("all Roles{scope}"),
        };
        let found =
            found(Principal::Rights(self.id, what.into())).having(Has::Rights(gain.permissions.clone()));
        match (gain.permissions.is_empty(), gain.unknown.is_empty()) {
            (false, _) => steps.found.push(found),
            (true, false) => steps.unknown_there(found.from, self.id, gain.unknown),
            (true, true) => {}
        }
    }

    fn users(&mut self, name: Option<&str>, found: &impl Fn(Principal) -> Found, steps: &mut Steps) {
        let account =
            name.map(|name| name.strip_prefix("system:serviceaccount:").and_then(|a| a.split_once(':')));
        match account {
            None => {
                self.bound("User", None, found, steps);
                self.accounts_in(None, None, Level::Acts, found, steps);
            }
            Some(Some((ns, name))) => self.accounts_in(Some(ns), Some(name), Level::Acts, found, steps),
            Some(None) => self.bound("User", name, found, steps),
        }
    }

    fn groups(
        &self,
        name: Option<&str>,
        masters: bool,
        found: &impl Fn(Principal) -> Found,
        steps: &mut Steps,
    ) {
        if masters && name.is_none_or(|name| name == Identity::MASTERS) {
            return steps.found.push(found(Principal::ClusterAdmin(self.id)));
        }
        self.bound("Group", name, found, steps);
    }

    fn bound(&self, kind: &str, name: Option<&str>, found: &impl Fn(Principal) -> Found, steps: &mut Steps) {
        let names: BTreeSet<&str> = self
            .rbac
            .subjects()
            .filter(|subject| subject.kind == kind && name.is_none_or(|name| name == subject.name))
            .map(|subject| subject.name.as_str())
            .filter(|name| *name != Identity::MASTERS)
            .collect();
        steps.found.extend(
            names.into_iter().filter_map(|name| subject(self.id, kind, name)).map(|(to, _)| found(to)),
        );
    }
}

/// What tells one opening from another.
fn key(Opened { opening, .. }: &Opened) -> (&'static str, &Permission) {
    (opening.entry.id, &opening.by)
}

/// What of a service account an entry of the catalogue gives: of the others it is said in words alone.
fn level(entry: &str) -> Level {
    match entry {
        "impersonate-serviceaccounts" | "secrets-token" | "token-request" => Level::Acts,
        _ => Level::Pod,
    }
}

/// Whether the permission's name is a service account's, and not that of a pod or a workload.
fn names_account(permission: &Permission) -> bool {
    matches!(permission, Permission::Resource { resource, .. } if resource.starts_with("serviceaccounts"))
}
