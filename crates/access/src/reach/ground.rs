//! One cluster: who came to it, and what they hold together.

mod leads;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use facts::{ClusterArn, Gap, Place};
use inventory::Cluster;
use rbac::{Held, Identity, Permission, Request, Scope};

use super::{
    Surroundings,
    aws::{self, group, subject, user},
    holding::{Holding, Number},
    outside::{self, Admitted},
    principal::{Account, ClusterId, Principal},
    shared_rbac::{SharedRbac, Who},
    together::Together,
    walk::{Found, Has, Map, NodeId, Steps},
    web_identity::{self, Whose},
};
use crate::{
    cluster_identity::{ClusterIdentity, Name},
    service_account::{self, ServiceAccount, with_credentials},
};

/// A cluster while it is being reached.
#[derive(Debug)]
pub(super) struct Ground<'i> {
    pub(super) id: ClusterId,
    pub(super) arn: &'i ClusterArn,
    pub(super) cluster: &'i Cluster,
    rbac: Arc<SharedRbac<'i>>,
    pub(super) surroundings: Surroundings,
    /// What each one holds, in the order in which they came.
    pub(super) held: Vec<(NodeId, Arc<Holding>)>,
    who: BTreeMap<NodeId, Arc<Who>>,
    all: Arc<Together>,
    /// Of what that was put together; none once there was something that no number stands for.
    numbers: Option<BTreeSet<Number>>,
    /// What was looked at.
    seen: BTreeSet<Number>,
    /// Whether that became more since it was looked where it leads.
    is_more: bool,
    /// What was held then.
    before: Option<Arc<Together>>,
    /// Service accounts that were reached, and whether with their pods.
    accounts: BTreeMap<(Arc<str>, Arc<str>), Level>,
    /// Of which namespaces and names they were.
    asked: BTreeSet<(Option<String>, Option<String>, Level)>,
    /// Where tokens for STS have been asked for.
    pub(super) tokens: BTreeSet<Whose>,
    /// Who certainly gets to the nodes.
    pub(super) to_nodes: BTreeSet<NodeId>,
    pub(super) admitted: BTreeMap<Scope, Admitted>,
    pub(super) is_admin: bool,
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
            rbac: map.rbac.of(cluster),
            surroundings: Surroundings::of(cluster),
            held: Vec::new(),
            who: BTreeMap::new(),
            all: Arc::default(),
            numbers: Some(BTreeSet::new()),
            seen: BTreeSet::new(),
            is_more: false,
            before: None,
            accounts: BTreeMap::new(),
            asked: BTreeSet::new(),
            tokens: BTreeSet::new(),
            to_nodes: BTreeSet::new(),
            admitted: BTreeMap::new(),
            is_admin: false,
        })
    }

    /// What those who came now add.
    pub(super) fn step(&mut self, map: &Map<'i>, fresh: Vec<(NodeId, Principal, Has)>) -> Steps {
        let mut steps = Steps::default();
        for (from, principal, has) in fresh {
            self.arrive(map, from, &principal, has, &mut steps);
        }
        if self.is_more && !self.is_admin && !self.held.iter().any(|(_, held)| held.is_everything) {
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
                let held = Held { permissions: rights, unknown: Vec::new() };
                self.hold(from, Arc::new(Holding::of(held)), steps);
            }
            _ => {}
        }
    }

    fn hold_as(&mut self, from: NodeId, who: Who, steps: &mut Steps) {
        let namespaces = match &who {
            Who::Kubernetes(_) => None,
            Who::Iam(_) => self.namespaces().ok(),
        };
        let held = self.rbac.held(&who, namespaces.as_deref());
        self.who.insert(from, Arc::new(who));
        self.hold(from, held, steps);
    }

    fn hold(&mut self, from: NodeId, held: Arc<Holding>, steps: &mut Steps) {
        if held.is_everything {
            let all = Permission::resource(Scope::Cluster, "*", "*", "*");
            let (by, place) = self.by(from)(&all);
            let to = Principal::ClusterAdmin(self.id);
            steps.found.push(Found::new(from, to, "cluster-admin", by).at(place.as_ref()).own());
        } else {
            steps.unknown_there(from, self.id, held.unknown.iter().cloned());
            self.gather(&held);
        }
        self.held.push((from, held));
    }

    /// Puts what somebody holds to what the others do. Most service accounts hold what everybody does.
    fn gather(&mut self, held: &Holding) {
        let is_known = held.number.is_some_and(|own| !self.seen.insert(own));
        if is_known || !self.all.is_widened_by(held) {
            return;
        }
        self.is_more = true;
        let widened = || self.all.with(held);
        let numbers = self.numbers.take().zip(held.number).map(|(mut numbers, own)| {
            numbers.insert(own);
            numbers
        });
        self.all = match &numbers {
            Some(numbers) => self.rbac.together(numbers, widened),
            None => Arc::new(self.rbac.alone(widened())),
        };
        self.numbers = numbers;
    }

    /// Users and groups that depend on the session's name: whoever assumes a role chooses it.
    fn by_session(&self, from: NodeId, identity: &ClusterIdentity, steps: &mut Steps) {
        let may_be = |name: &Name, subject: &str| name.is(subject).is_none();
        let bound: BTreeSet<(&str, &str)> = self
            .rbac
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
        self.rbac = Arc::new(SharedRbac::of_nothing(self.cluster));
        (self.all, self.before) = (Arc::default(), None);
        let mut accounts = BTreeSet::new();
        steps.unknown(from, with_credentials(self.arn, self.cluster, &mut accounts));
        for ServiceAccount { namespace, name, .. } in accounts {
            let to = Principal::Pod(Account::new(self.id, &namespace, &name));
            steps.found.push(Found::new(from, to, "pods", "a pod as the service account"));
        }
        let by = "a pod that is privileged, on every node";
        steps.found.push(Found::new(from, Principal::Nodes(self.id), "nodes", by));
        let by = |to| Found::new(from, to, "pods", "a pod as a service account");
        web_identity::add(map, self, &(None, None, true), &by, steps);
        outside::secrets(map, self, from, &Scope::Cluster, None, steps);
        outside::argocd(map, self, from, "everything on its cluster", steps);
    }

    /// By which rule somebody has a permission, and where that stands.
    fn by(&self, from: NodeId) -> impl Fn(&Permission) -> (String, Option<Place>) + use<'i> {
        let (rbac, cluster, who) = (Arc::clone(&self.rbac), self.cluster, self.who.get(&from).cloned());
        move |permission| match &who {
            None => ("given to itself".to_owned(), None),
            Some(who) => {
                let decided = rbac.decided(cluster, who, &request(permission));
                decided.unwrap_or_else(|| ("several rules together".to_owned(), None))
            }
        }
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
        if !self.asked.insert((namespace.map(str::to_owned), name.map(str::to_owned), level)) {
            return;
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

fn request(permission: &Permission) -> Request {
    match permission {
        Permission::Resource { scope, group, resource, verb, name } => {
            let request = Request::resource(verb, group, resource);
            let request = scope.namespace().iter().fold(request, |request, ns| request.in_namespace(ns));
            name.iter().fold(request, |request, name| request.named(name))
        }
        Permission::NonResource { path, verb } => Request::path(verb, path),
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
