//! All that somebody reaches who takes over a pod, a role or a person: from cluster to cluster and from role to role.
//!
//! What rules and policies say of the one that was taken over is its *written* power; what it gets to from there is *reached*. Each
//! step is one that authorization permits: that a pod runs, that a network lets through, that an admission webhook agrees isn't asked.
//! A step of which not everything is known leads to what may be reached, and goes on from there.

mod aws;
mod blast;
mod deploys;
mod footprint;
mod ground;
mod holding;
mod index;
mod outside;
mod powers;
mod principal;
mod same_rbac;
mod shared_rbac;
mod surroundings;
mod together;
mod walk;
mod web_identity;

use std::sync::Arc;

use facts::{AccountId, ClusterArn, Gap, Place};
use inventory::{Cluster, Inventory};
use rayon::prelude::*;
use rbac::reach::Entry;

pub use blast::Blast;
pub use footprint::Footprint;
pub use principal::{Account, ClusterId, Principal};
pub use same_rbac::SameRbac;
pub use surroundings::Surroundings;

use crate::{
    accounts::Accounts,
    argocd_rbac::Subject,
    capability,
    credentials::{Credentials, Owner},
    installation::{Component, Installation},
    service_account::ServiceAccount,
};
use aws::Session;
use index::Index;
use shared_rbac::AllRbac;
use walk::{Has, Map, Steps, Walk};

/// Who is taken over.
#[derive(Clone, Debug)]
pub enum Whom {
    /// Pods of a service account.
    Pod(ServiceAccount),
    /// A role, a session of one, a user or an account's root user, by ARN.
    Iam(String),
    /// A user of a cluster, as bindings name it.
    User(ClusterArn, String),
    /// A member of a group of a cluster.
    Group(ClusterArn, String),
    /// Components of an Argo CD.
    ArgoCd(Installation, Vec<Component>),
    /// Somebody whom an Argo CD knows; his name as output has it.
    Person(Installation, Subject, String),
}

/// All that is reached.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// The clusters of the inventory.
    pub clusters: Vec<ClusterArn>,
    /// Whoever is reached, those that were taken over first.
    pub principals: Vec<Reached>,
    /// The steps.
    pub edges: Vec<Edge>,
    /// What would have to be known to say whether more is reached, and of whom.
    pub unknown: Vec<Unknown>,
    /// Where permissions lead that no step is known for, in words.
    pub leads: Vec<Lead>,
    /// What rules and policies say of those that were taken over.
    pub written: Blast,
    /// What they certainly reach.
    pub reached: Blast,
    /// With what they may reach.
    pub possible: Blast,
}

/// Somebody who is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Who.
    pub principal: Principal,
    /// Whether it certainly is.
    pub certain: bool,
    /// Whether it is one that was taken over, perhaps by another name.
    pub own: bool,
    /// How many steps away.
    pub depth: usize,
    /// The last step of the shortest way, by its place in [`Reach::edges`].
    pub edge: Option<usize>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// From whom, by its place in [`Reach::principals`].
    pub from: usize,
    /// To whom.
    pub to: usize,
    /// How: an entry of the escalation catalogue, or a hop.
    pub how: &'static str,
    /// By which rule or statement.
    pub by: String,
    /// Where that stands.
    pub place: Option<Place>,
    /// What would have to be known.
    pub missing: Vec<Gap>,
}

/// Something that isn't known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What, with the command that tells.
    pub gap: Gap,
    /// Of whom it matters.
    pub of: Vec<usize>,
}

/// An entry of the escalation catalogue that leads outside of what is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Whose.
    pub from: usize,
    /// Where.
    pub cluster: ClusterId,
    /// The entry.
    pub entry: &'static Entry,
    /// The permission that opens it.
    pub permission: String,
}

/// Somebody to start with.
struct Start {
    principal: Principal,
    has: Has,
    missing: Vec<Gap>,
}

/// All that somebody reaches, in the whole inventory or, as far as it is on a cluster, on that one.
pub fn reach(inventory: &Inventory, whom: &Whom, on: Option<&ClusterArn>) -> Reach {
    let accounts = Accounts::of(inventory);
    let map = Map { accounts: &accounts, index: Index::of(inventory), rbac: AllRbac::default() };
    let mut walk = Walk::new(map);
    let starts = starts(&walk.map, whom);
    starts.into_iter().for_each(|start| walk.start(start));
    walk.begin(first_steps(&walk.map, whom));
    walk.run();
    for gaps in open_clusters(&walk) {
        let iam = walk.nodes.iter().position(|node| matches!(node.principal, Principal::Iam { .. }));
        for gap in gaps {
            walk.unknown.entry(gap).or_default().extend(iam);
        }
    }
    finished(walk, on)
}

impl Reach {
    /// The steps of the shortest way to somebody, the first one first.
    pub fn way(&self, to: usize) -> Vec<&Edge> {
        let mut way = Vec::new();
        let mut at = to;
        while let Some(edge) = self.principals.get(at).and_then(|node| self.edges.get(node.edge?)) {
            way.push(edge);
            at = edge.from;
        }
        way.reverse();
        way
    }

    /// Whether all is known that decides.
    pub fn is_complete(&self) -> bool {
        self.unknown.is_empty()
    }

    /// A principal with its kind and cluster, in words.
    pub fn name(&self, principal: &Principal) -> String {
        principal::named(principal, &self.clusters)
    }
}

fn starts(map: &Map<'_>, whom: &Whom) -> Vec<Start> {
    let start = |principal| Start { principal, has: Has::Nothing, missing: Vec::new() };
    let on = |cluster: &ClusterArn, of: &dyn Fn(ClusterId) -> Principal| -> Vec<Start> {
        map.index.id(cluster).map(|id| start(of(id))).into_iter().collect()
    };
    match whom {
        Whom::Pod(ServiceAccount { cluster, namespace, name }) => {
            on(cluster, &|id| Principal::Pod(Account::new(id, namespace, name)))
        }
        Whom::User(cluster, name) => on(cluster, &|id| Principal::User(id, name.as_str().into())),
        Whom::Group(cluster, name) => on(cluster, &|id| Principal::Group(id, name.as_str().into())),
        Whom::Person(_, _, name) => vec![start(Principal::Person(name.as_str().into()))],
        Whom::Iam(arn) => vec![iam(map, arn)],
        Whom::ArgoCd(argo, components) => of_argocd(map, argo, components),
    }
}

/// A role by its own ARN, whatever session of it was named, or a user.
fn iam(map: &Map<'_>, arn: &str) -> Start {
    let owner = crate::caller(map.accounts.inventory(), arn).ok().and_then(|caller| {
        let owner: Owner = caller.arn().parse().ok()?;
        let account = map.accounts.inventory().accounts.get(owner.account());
        let own =
            account.zip(owner.role()).and_then(|(account, role)| account.roles.known()?.get(&role.name));
        Some(own.map_or(owner, |own| Owner::Role(own.arn.clone())))
    });
    if let Some(owner) = owner {
        let credentials = Credentials::of(map.accounts, owner);
        return Start {
            principal: aws::principal(map, &credentials),
            has: Session::of(credentials),
            missing: Vec::new(),
        };
    }
    let what = format!("what `{arn}` may do in AWS");
    let gap = Gap::new(what, "the policies of roles and users alone are looked at");
    let principal = Principal::Iam { arn: arn.into(), tags: Arc::from("") };
    Start { principal, has: Has::Nothing, missing: vec![gap] }
}

/// Argo CD's pods, or its capability's role.
fn of_argocd(map: &Map<'_>, argo: &Installation, components: &[Component]) -> Vec<Start> {
    let Some(id) = map.index.id(&argo.hub) else { return Vec::new() };
    let Some((arn, hub)) = map.index.cluster(id) else { return Vec::new() };
    if is_capability(hub) {
        let arrival = capability::credentials(map.accounts, arn, hub);
        let missing = match crate::hop::verdict(&arrival.hops) {
            crate::hop::Passes::Unknown { missing } => missing,
            _ => Vec::new(),
        };
        let start = |credentials: Credentials| Start {
            principal: aws::principal(map, &credentials),
            has: Session::of(credentials),
            missing,
        };
        return arrival.credentials.map(start).into_iter().collect();
    }
    let pod = |component: &Component| Start {
        principal: Principal::Pod(Account::new(id, &argo.namespace, argo.account_of(*component))),
        has: Has::Nothing,
        missing: Vec::new(),
    };
    components.iter().map(pod).collect()
}

/// Whether EKS runs Argo CD, and not its pods.
fn is_capability(hub: &Cluster) -> bool {
    hub.capabilities.known().is_some_and(|all| all.values().any(|capability| capability.kind == "ARGOCD"))
}

/// The steps of those who are neither on a cluster nor have credentials.
fn first_steps(map: &Map<'_>, whom: &Whom) -> Steps {
    match whom {
        Whom::Person(argo, subject, _) => deploys::projects(map, argo, 0, Some(subject)),
        Whom::Iam(arn) if arn.split(':').nth(4).is_some_and(AccountId::is) && is_no_session(arn) => {
            let mut steps = Steps::default();
            aws::known_on(map, 0, arn, &mut steps);
            steps
        }
        _ => Steps::default(),
    }
}

fn is_no_session(arn: &str) -> bool {
    arn.parse::<Owner>().is_err() && !arn.contains(":assumed-role/")
}

/// The clusters on which somebody may be known, as far as that matters: an IAM principal was reached.
fn open_clusters(walk: &Walk<'_>) -> Vec<Vec<Gap>> {
    let any = walk.nodes.iter().any(|node| matches!(node.principal, Principal::Iam { .. }));
    let open = walk.map.index.open.iter().filter(|(cluster, _)| any && !walk.is_administered(*cluster));
    open.map(|(_, gaps)| gaps.clone()).collect()
}

fn finished(mut walk: Walk<'_>, on: Option<&ClusterArn>) -> Reach {
    let kept = kept(&walk, on.map(|on| walk.map.index.id(on)));
    let (written, (reached, possible)) = rayon::join(
        || blast::of(&walk, &kept, |node| node.own && node.certain),
        || rayon::join(|| blast::of(&walk, &kept, |node| node.certain), || blast::of(&walk, &kept, |_| true)),
    );
    let clusters = walk.map.index.clusters.iter().map(|(arn, _)| (*arn).clone()).collect();
    let (unknown, leads) = walk.rest();
    let Walk { nodes, edges, grounds, .. } = walk;
    // What is held on a fleet's clusters is millions of permissions: letting go of them takes as long as finding them did.
    grounds.into_par_iter().for_each(drop);
    let unknown =
        unknown.into_iter().map(|(gap, of)| Unknown { gap, of: of.into_iter().collect() }).collect();
    let all = Reach { clusters, principals: nodes, edges, unknown, leads, written, reached, possible };
    if on.is_none() { all } else { all.only(&kept) }
}

/// Whoever is on the cluster that is asked for, and whoever is on the shortest ways there.
fn kept(walk: &Walk<'_>, on: Option<Option<ClusterId>>) -> Vec<bool> {
    let Some(on) = on else { return vec![true; walk.nodes.len()] };
    let there = |node: &Reached| on.is_some() && node.principal.cluster() == on || node.depth == 0;
    let mut kept: Vec<bool> = walk.nodes.iter().map(there).collect();
    // A node comes after the one from which it was reached.
    for (at, node) in walk.nodes.iter().enumerate().rev() {
        if kept.get(at) == Some(&true)
            && let Some(edge) = node.edge.and_then(|edge| walk.edges.get(edge))
            && let Some(from) = kept.get_mut(edge.from)
        {
            *from = true;
        }
    }
    kept
}

impl Reach {
    /// Without those that aren't kept.
    fn only(self, kept: &[bool]) -> Self {
        let new = renumbered(kept.iter().copied());
        let at = |old: usize| new.get(old).copied().flatten();
        let stays = |edge: &Edge| at(edge.from).is_some() && at(edge.to).is_some();
        let links = renumbered(self.edges.iter().map(stays));
        let edges = self
            .edges
            .into_iter()
            .filter_map(|edge| Some(Edge { from: at(edge.from)?, to: at(edge.to)?, ..edge }));
        let kept = self.principals.into_iter().enumerate().filter(|(old, _)| at(*old).is_some());
        let linked = |(_, node): (usize, Reached)| Reached {
            edge: node.edge.and_then(|edge| links.get(edge).copied().flatten()),
            ..node
        };
        // What isn't known elsewhere may lead here.
        let unknown = self.unknown.into_iter().map(|Unknown { gap, of }| {
            let of = of.into_iter().filter_map(at).collect();
            Unknown { gap, of }
        });
        let leads = self.leads.into_iter().filter_map(|lead| Some(Lead { from: at(lead.from)?, ..lead }));
        Self {
            edges: edges.collect(),
            principals: kept.map(linked).collect(),
            unknown: unknown.collect(),
            leads: leads.collect(),
            ..self
        }
    }
}

/// New numbers for those that stay.
fn renumbered(stays: impl Iterator<Item = bool>) -> Vec<Option<usize>> {
    let mut next = 0;
    let mut number = |stays: bool| {
        let own = stays.then_some(next);
        next += usize::from(stays);
        own
    };
    stays.map(&mut number).collect()
}
