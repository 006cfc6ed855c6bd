//! One cluster: what those who came to it hold together, and where that leads on it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use facts::{ClusterArn, Gap, Outcome, Place};
use inventory::Cluster;
use rbac::{
    Held, Identity, Permission, PermissionSet, Request, Scope,
    reach::{Gives, Opening, openings},
};

use super::{
    Lead, Surroundings,
    aws::{self, group, subject, user},
    outside,
    principal::{Account, ClusterId, Principal},
    walk::{Found, Has, Map, NodeId, Steps},
    web_identity,
};
use crate::{
    authorization::Authorizers,
    cluster_identity::{ClusterIdentity, Name},
    service_account::{self, ServiceAccount, with_credentials},
};

/// A cluster while it is being reached.
#[derive(Debug)]
pub(super) struct Ground<'i> {
    pub(super) id: ClusterId,
    pub(super) arn: &'i ClusterArn,
    pub(super) cluster: &'i Cluster,
    pub(super) authorizers: Authorizers,
    pub(super) surroundings: Surroundings,
    /// What each one holds, in the order in which they came.
    pub(super) held: Vec<(NodeId, PermissionSet)>,
    who: BTreeMap<NodeId, Who>,
    pub(super) all: PermissionSet,
    /// Whether that became more since it was looked where it leads.
    is_more: bool,
    taken: BTreeMap<(&'static str, Permission), Vec<Permission>>,
    /// Service accounts that were reached, and whether with their pods.
    accounts: BTreeMap<(Arc<str>, Arc<str>), Level>,
    /// Where tokens for STS have been asked for.
    pub(super) tokens: BTreeSet<(Option<String>, Option<String>, bool)>,
    pub(super) is_admin: bool,
}

/// As whom the authorizers know somebody.
#[derive(Clone, Debug)]
enum Who {
    Kubernetes(Identity),
    Iam(Box<ClusterIdentity>),
}

/// What of a service account somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Its name towards the API server.
    Acts,
    /// A pod.
    Pod,
}

impl<'i> Ground<'i> {
    pub(super) fn of(map: &Map<'i>, id: ClusterId) -> Option<Self> {
        let (arn, cluster) = map.index.cluster(id)?;
        Some(Self {
            id,
            arn,
            cluster,
            authorizers: Authorizers::of(cluster),
            surroundings: Surroundings::of(cluster),
            held: Vec::new(),
            who: BTreeMap::new(),
            all: PermissionSet::new(),
            is_more: false,
            taken: BTreeMap::new(),
            accounts: BTreeMap::new(),
            tokens: BTreeSet::new(),
            is_admin: false,
        })
    }

    /// What those who came now add.
    pub(super) fn step(&mut self, map: &Map<'i>, fresh: Vec<(NodeId, Principal, Has)>) -> Steps {
        let mut steps = Steps::default();
        for (from, principal, has) in fresh {
            self.arrive(map, from, &principal, has, &mut steps);
        }
        if self.is_more && !self.is_admin && !self.held.iter().any(|(_, held)| held.is_everything()) {
            self.is_more = false;
            self.open(map, &mut steps);
        }
        steps
    }

    fn arrive(&mut self, map: &Map<'i>, from: NodeId, principal: &Principal, has: Has, steps: &mut Steps) {
        match (principal, has) {
            (Principal::ClusterAdmin(_), _) => self.administer(map, from, steps),
            (Principal::Nodes(_), _) => outside::nodes(map, self, from, steps),
            (Principal::Pod(account), _) => self.pod(map, from, account, steps),
            // Whoever comes now adds nothing to everything.
            _ if self.is_admin => {}
            (Principal::ServiceAccount(account), _) => {
                let identity = Identity::service_account(&account.namespace, &account.name);
                self.hold_as(from, Who::Kubernetes(identity), steps);
            }
            (Principal::User(_, name), _) => self.hold_as(from, Who::Kubernetes(user(name)), steps),
            (Principal::Group(_, name), _) => self.hold_as(from, Who::Kubernetes(group(name)), steps),
            (Principal::Caller { .. }, Has::Identity(identity)) => {
                self.by_session(from, &identity, steps);
                self.hold_as(from, Who::Iam(identity), steps);
            }
            (_, Has::Rights(rights)) => {
                self.hold(from, Held { permissions: rights, unknown: Vec::new() }, steps)
            }
            _ => {}
        }
    }

    fn hold_as(&mut self, from: NodeId, who: Who, steps: &mut Steps) {
        let held = match &who {
            Who::Kubernetes(identity) => self.authorizers.held_by_rbac(identity),
            Who::Iam(identity) => {
                let namespaces = self.namespaces().ok();
                self.authorizers.held(identity, namespaces.as_deref())
            }
        };
        self.who.insert(from, who);
        self.hold(from, held, steps);
    }

    fn hold(&mut self, from: NodeId, held: Held, steps: &mut Steps) {
        if held.permissions.is_everything() {
            let all = Permission::resource(Scope::Cluster, "*", "*", "*");
            let (by, place) = self.decided(from, &all);
            let to = Principal::ClusterAdmin(self.id);
            steps.found.push(Found::new(from, to, "cluster-admin", by).at(place.as_ref()).own());
        } else {
            steps.unknown_there(from, self.id, held.unknown);
            // Most service accounts hold what everybody does.
            for permission in held.permissions.iter() {
                self.is_more |= self.all.insert(permission);
            }
        }
        self.held.push((from, held.permissions));
    }

    /// Users and groups that depend on the session's name: whoever assumes a role chooses it.
    fn by_session(&self, from: NodeId, identity: &ClusterIdentity, steps: &mut Steps) {
        let may_be = |name: &Name, subject: &str| name.is(subject).is_none();
        let bound: BTreeSet<(&str, &str)> = self
            .authorizers
            .subjects()
            .map(|subject| (subject.kind.as_str(), subject.name.as_str()))
            .filter(|(kind, name)| match *kind {
                "User" => may_be(&identity.username, name),
                "Group" => identity.groups.iter().any(|group| may_be(group, name)),
                _ => false,
            })
            .collect();
        let gap = Gap::new("the session's name", "a user or group that depends on it is bound");
        for (to, _) in bound.into_iter().filter_map(|(kind, name)| subject(self.id, kind, name)) {
            let by = "its name depends on the session's";
            steps.found.push(Found::new(from, to, "session-name", by).missing([gap.clone()]));
        }
    }

    /// A pod: its service account, and the AWS credentials that it finds.
    fn pod(&mut self, map: &Map<'i>, from: NodeId, account: &Account, steps: &mut Steps) {
        let to = Principal::ServiceAccount(account.clone());
        steps.found.push(Found::new(from, to, "token", "the token of the pod").own());
        let arrival = service_account::credentials(map.accounts, &self.named(account));
        match arrival.credentials {
            None => steps.unknown(from, unknown(&arrival.hops)),
            credentials => {
                let found = aws::arrival(map, from, &arrival.hops, credentials, "credentials");
                steps.found.extend(found.map(Found::own));
            }
        }
    }

    fn named(&self, account: &Account) -> ServiceAccount {
        let Account { namespace, name, .. } = account;
        ServiceAccount { cluster: self.arn.clone(), namespace: namespace.to_string(), name: name.to_string() }
    }

    /// Everything on the cluster: pods as any service account, the nodes, what Argo CD keeps there.
    fn administer(&mut self, map: &Map<'i>, from: NodeId, steps: &mut Steps) {
        self.is_admin = true;
        // Nobody is asked any more, and a fleet has many clusters.
        self.authorizers = Authorizers::default();
        self.all = PermissionSet::new();
        let mut accounts = BTreeSet::new();
        steps.unknown(from, with_credentials(self.arn, self.cluster, &mut accounts));
        for ServiceAccount { namespace, name, .. } in accounts {
            let to = Principal::Pod(Account::new(self.id, &namespace, &name));
            steps.found.push(Found::new(from, to, "pods", "a pod as the service account"));
        }
        let by = "a pod that is privileged, on every node";
        steps.found.push(Found::new(from, Principal::Nodes(self.id), "nodes", by));
        let by = |to| Found::new(from, to, "pods", "a pod as a service account");
        web_identity::add(map, self, (None, None, true), &by, steps);
        outside::secrets(map, self, from, &Scope::Cluster, None, steps);
        outside::argocd(map, self, from, "everything on its cluster", steps);
    }

    /// Where that leads which all hold together.
    fn open(&mut self, map: &Map<'i>, steps: &mut Steps) {
        for opening in openings(&self.all, self.surroundings.minor) {
            let key = (opening.entry.id, opening.by.clone());
            if self.taken.get(&key) == Some(&opening.with) {
                continue;
            }
            self.taken.insert(key, opening.with.clone());
            self.lead(map, &opening, steps);
        }
    }

    fn lead(&mut self, map: &Map<'i>, opening: &Opening, steps: &mut Steps) {
        let from = self.holder(&opening.by);
        let (rule, place) = self.decided(from, &opening.by);
        let by = format!("{}: {rule}", opening.by);
        let found = |to: Principal| Found::new(from, to, opening.entry.id, by.clone()).at(place.as_ref());
        for there in opening.where_complete() {
            outside::add(map, self, opening, &there, &found, steps);
            web_identity::opened(map, self, opening, &there, &found, steps);
            match opening.entry.gives {
                Gives::Outside => {}
                Gives::Everything => steps.found.push(found(Principal::ClusterAdmin(self.id))),
                Gives::EverythingByAwsAuth => self.by_aws_auth(&found, steps),
                Gives::Wildcard if *there.scope() == Scope::Cluster => {
                    steps.found.push(found(Principal::ClusterAdmin(self.id)));
                }
                Gives::EverythingThere => self.everything_in(there.scope(), &found, steps),
                Gives::ClusterRoles if name_of(&there).is_none() => {
                    self.everything_in(there.scope(), &found, steps);
                }
                Gives::Wildcard | Gives::ServiceAccounts => {
                    let name = name_of(&there).filter(|_| names_account(&there));
                    let level = level(opening.entry.id);
                    self.accounts_in(there.scope().namespace(), name, level, &found, steps);
                }
                Gives::AllServiceAccounts => self.accounts_in(None, None, Level::Pod, &found, steps),
                Gives::Users => self.users(name_of(&there), &found, steps),
                Gives::Groups => self.groups(name_of(&there), true, &found, steps),
                Gives::UsersAndGroups => {
                    self.users(None, &found, steps);
                    self.groups(None, false, &found, steps);
                }
                Gives::ClusterRoles | Gives::Roles => self.roles(opening.entry.gives, &there, &found, steps),
            }
        }
        if opening.entry.gives == Gives::Outside {
            let Opening { entry, by: permission, .. } = opening;
            let permission = permission.to_string();
            steps.leads.push(Lead { from, cluster: self.id, entry, permission });
        }
    }

    /// The first of those who came that holds a permission.
    fn holder(&self, permission: &Permission) -> NodeId {
        let held = self.held.iter().find(|(_, held)| held.contains(permission));
        held.or(self.held.first()).map_or(0, |(node, _)| *node)
    }

    /// By which rule, and where that stands.
    fn decided(&self, from: NodeId, permission: &Permission) -> (String, Option<Place>) {
        let request = match permission {
            Permission::Resource { scope, group, resource, verb, name } => {
                let request = Request::resource(verb, group, resource);
                let request = scope.namespace().iter().fold(request, |request, ns| request.in_namespace(ns));
                name.iter().fold(request, |request, name| request.named(name))
            }
            Permission::NonResource { path, verb } => Request::path(verb, path),
        };
        let outcome = match self.who.get(&from) {
            Some(Who::Kubernetes(identity)) => self.authorizers.decide_user(identity, &request),
            Some(Who::Iam(identity)) => self.authorizers.decide(identity, &request),
            None => return ("given to itself".to_owned(), None),
        };
        match outcome {
            Outcome::Allowed { by } => {
                let place = if let rbac::By::Rule(rule) = &by { rule.place.clone() } else { None };
                (by.to_string(), place)
            }
            _ => ("several rules together".to_owned(), None),
        }
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
        let gain = self.surroundings.world(self.authorizers.rbac()).gain(gives, there);
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
            .authorizers
            .subjects()
            .filter(|subject| subject.kind == kind && name.is_none_or(|name| name == subject.name))
            .map(|subject| subject.name.as_str())
            .filter(|name| *name != Identity::MASTERS)
            .collect();
        steps.found.extend(
            names.into_iter().filter_map(|name| subject(self.id, kind, name)).map(|(to, _)| found(to)),
        );
    }

    /// The service accounts of a namespace or of all, as far as a level of them wasn't reached yet.
    pub(super) fn accounts_in(
        &mut self,
        namespace: Option<&str>,
        name: Option<&str>,
        level: Level,
        found: &impl Fn(Principal) -> Found,
        steps: &mut Steps,
    ) {
        if let Err(gap) = self.cluster.kubernetes.list("serviceaccounts") {
            return steps.unknown_there(found(Principal::ClusterAdmin(self.id)).from, self.id, [gap]);
        }
        let all = self.surroundings.service_accounts.iter().flatten();
        let there = all.filter(|(own, _)| namespace.is_none_or(|wanted| wanted == *own));
        let accounts: Vec<(Arc<str>, Arc<str>)> = there
            .flat_map(|(ns, names)| names.iter().map(move |name| (ns, name)))
            .filter(|(_, own)| name.is_none_or(|wanted| wanted == *own))
            .map(|(ns, name)| (ns.as_str().into(), name.as_str().into()))
            .collect();
        for key in accounts {
            if self.accounts.get(&key).is_some_and(|known| *known >= level) {
                continue;
            }
            let account =
                Account { cluster: self.id, namespace: Arc::clone(&key.0), name: Arc::clone(&key.1) };
            self.accounts.insert(key, level);
            let to = if level == Level::Pod {
                Principal::Pod(account)
            } else {
                Principal::ServiceAccount(account)
            };
            steps.found.push(found(to));
        }
    }

    /// The namespaces of the cluster.
    pub(super) fn namespaces(&self) -> Result<Vec<&'i str>, Gap> {
        let namespaces = self.cluster.kubernetes.list("namespaces")?;
        Ok(namespaces.iter().map(|namespace| namespace.name.as_str()).collect())
    }
}

/// What of a service account an entry of the catalogue gives: of the others it is said in words alone.
fn level(entry: &str) -> Level {
    match entry {
        "impersonate-serviceaccounts" | "secrets-token" | "token-request" => Level::Acts,
        _ => Level::Pod,
    }
}

/// What isn't known of hops.
fn unknown(hops: &[crate::hop::Hop]) -> Vec<Gap> {
    match crate::hop::verdict(hops) {
        crate::hop::Passes::Unknown { missing } => missing,
        _ => Vec::new(),
    }
}

pub(super) fn name_of(permission: &Permission) -> Option<&str> {
    match permission {
        Permission::Resource { name, .. } => name.as_deref(),
        Permission::NonResource { .. } => None,
    }
}

/// Whether the permission's name is a service account's, and not that of a pod or a workload.
fn names_account(permission: &Permission) -> bool {
    matches!(permission, Permission::Resource { resource, .. } if resource.starts_with("serviceaccounts"))
}
