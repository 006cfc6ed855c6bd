//! Steps taken from principal to principal until nothing new is reached.
//!
//! First what is the start's own, then whatever it certainly reaches, then what it may reach: so a principal stands in the first of
//! these that it belongs to, whatever the order of the steps.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    mem,
};

use facts::{Gap, Place};
use rayon::prelude::*;

use super::{
    Edge, Lead, Reached, Start,
    aws::{self, Session},
    ground::Ground,
    index::Index,
    principal::{ClusterId, Principal},
    shared_rbac::AllRbac,
};
use crate::{accounts::Accounts, cluster_identity::ClusterIdentity};

/// A node of the graph.
pub(super) type NodeId = usize;

/// Somebody to whom a step leads.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) from: NodeId,
    pub(super) to: Principal,
    pub(super) has: Has,
    pub(super) how: &'static str,
    pub(super) by: String,
    pub(super) place: Option<Place>,
    /// What would have to be known; nothing, and it is certain.
    pub(super) missing: Vec<Gap>,
    /// Whether it is the same one under another name, and no step to somebody else.
    pub(super) own: bool,
    /// Where a pod is needed besides.
    pub(super) pod_on: Option<ClusterId>,
}

/// What has to be known of a principal to go on from it.
#[derive(Clone, Debug)]
pub(super) enum Has {
    Nothing,
    Session(Box<Session>),
    Identity(Box<ClusterIdentity>),
    Rights(rbac::PermissionSet),
}

impl Found {
    pub(super) fn new(from: NodeId, to: Principal, how: &'static str, by: impl Into<String>) -> Self {
        Self {
            from,
            to,
            has: Has::Nothing,
            how,
            by: by.into(),
            place: None,
            missing: Vec::new(),
            own: false,
            pod_on: None,
        }
    }

    pub(super) fn own(self) -> Self {
        Self { own: true, ..self }
    }

    pub(super) fn having(self, has: Has) -> Self {
        Self { has, ..self }
    }

    pub(super) fn at(self, place: Option<&Place>) -> Self {
        Self { place: place.cloned(), ..self }
    }

    pub(super) fn missing(self, missing: impl IntoIterator<Item = Gap>) -> Self {
        Self { missing: missing.into_iter().collect(), ..self }
    }

    /// In which round it belongs.
    fn tier(&self) -> usize {
        match (self.missing.is_empty(), self.own) {
            (true, true) => 0,
            (true, false) => 1,
            (false, _) => 2,
        }
    }
}

/// What comes of one principal.
#[derive(Debug, Default)]
pub(super) struct Steps {
    pub(super) found: Vec<Found>,
    pub(super) unknown: Vec<(NodeId, Gap)>,
    /// What matters no more to whoever may do everything on the cluster.
    pub(super) unknown_there: Vec<(NodeId, ClusterId, Gap)>,
    pub(super) leads: Vec<Lead>,
}

impl Steps {
    pub(super) fn add(&mut self, more: Self) {
        self.found.extend(more.found);
        self.unknown.extend(more.unknown);
        self.unknown_there.extend(more.unknown_there);
        self.leads.extend(more.leads);
    }

    pub(super) fn unknown_there(
        &mut self,
        from: NodeId,
        cluster: ClusterId,
        gaps: impl IntoIterator<Item = Gap>,
    ) {
        self.unknown_there.extend(gaps.into_iter().map(|gap| (from, cluster, gap)));
    }

    pub(super) fn unknown(&mut self, from: NodeId, gaps: impl IntoIterator<Item = Gap>) {
        self.unknown.extend(gaps.into_iter().map(|gap| (from, gap)));
    }
}

/// What doesn't change on the way.
#[derive(Debug)]
pub(super) struct Map<'i> {
    pub(super) accounts: &'i Accounts<'i>,
    pub(super) index: Index<'i>,
    pub(super) rbac: AllRbac<'i>,
}

/// All that was reached so far.
#[derive(Debug)]
pub(super) struct Walk<'i> {
    pub(super) map: Map<'i>,
    pub(super) nodes: Vec<Reached>,
    ids: HashMap<Principal, NodeId>,
    there: BTreeMap<ClusterId, Vec<NodeId>>,
    pub(super) edges: Vec<Edge>,
    links: HashSet<(NodeId, NodeId)>,
    pub(super) grounds: BTreeMap<ClusterId, Ground<'i>>,
    pub(super) unknown: BTreeMap<Gap, BTreeSet<NodeId>>,
    unknown_there: BTreeSet<(ClusterId, Gap, NodeId)>,
    leads: Vec<Lead>,
    tier: usize,
    later: [Vec<Found>; 3],
    for_pods: Vec<Found>,
    with_pods: BTreeSet<ClusterId>,
    frontier: Vec<(NodeId, Has)>,
}

impl<'i> Walk<'i> {
    pub(super) fn new(map: Map<'i>) -> Self {
        Self {
            map,
            nodes: Vec::new(),
            ids: HashMap::new(),
            there: BTreeMap::new(),
            edges: Vec::new(),
            links: HashSet::new(),
            grounds: BTreeMap::new(),
            unknown: BTreeMap::new(),
            unknown_there: BTreeSet::new(),
            leads: Vec::new(),
            tier: 0,
            later: Default::default(),
            for_pods: Vec::new(),
            with_pods: BTreeSet::new(),
            frontier: Vec::new(),
        }
    }

    /// Whoever was taken over.
    pub(super) fn start(&mut self, start: Start) {
        let Start { principal, has, missing } = start;
        let certain = missing.is_empty();
        let node = Reached { principal, certain, own: certain, depth: 0, edge: None };
        let id = self.add(node, has);
        for gap in missing {
            self.unknown.entry(gap).or_default().insert(id);
        }
    }

    /// Steps that somebody who was taken over takes first.
    pub(super) fn begin(&mut self, steps: Steps) {
        self.take(vec![steps]);
    }

    /// Those on a cluster.
    pub(super) fn on(&self, cluster: ClusterId) -> impl Iterator<Item = (NodeId, &Reached)> {
        let there = self.there.get(&cluster).into_iter().flatten();
        there.filter_map(|id| Some((*id, self.nodes.get(*id)?)))
    }

    /// Whether somebody certainly may do everything on a cluster.
    pub(super) fn is_administered(&self, cluster: ClusterId) -> bool {
        let admin = self.ids.get(&Principal::ClusterAdmin(cluster));
        admin.and_then(|id| self.nodes.get(*id)).is_some_and(|node| node.certain)
    }

    /// What isn't known and matters, and where else permissions lead.
    pub(super) fn rest(&mut self) -> (BTreeMap<Gap, BTreeSet<NodeId>>, Vec<Lead>) {
        let mut unknown = mem::take(&mut self.unknown);
        for edge in &self.edges {
            for gap in &edge.missing {
                unknown.entry(gap.clone()).or_default().insert(edge.from);
            }
        }
        let matters = self.unknown_there.iter().filter(|(on, _, _)| !self.is_administered(*on));
        for (_, gap, from) in matters {
            unknown.entry(gap.clone()).or_default().insert(*from);
        }
        let mut leads = mem::take(&mut self.leads);
        leads.retain(|lead| !self.is_administered(lead.cluster));
        (unknown, leads)
    }

    /// Takes all steps.
    pub(super) fn run(&mut self) {
        for tier in 0..self.later.len() {
            self.tier = tier;
            let due = self.later.get_mut(tier).map(mem::take).unwrap_or_default();
            self.merge(due);
            loop {
                while !self.frontier.is_empty() {
                    let frontier = mem::take(&mut self.frontier);
                    let steps = self.steps(frontier);
                    self.take(steps);
                }
                let (due, rest) = mem::take(&mut self.for_pods)
                    .into_iter()
                    .partition(|found| found.pod_on.is_some_and(|on| self.with_pods.contains(&on)));
                self.for_pods = rest;
                self.merge(due);
                if self.frontier.is_empty() {
                    break;
                }
            }
        }
    }

    fn steps(&mut self, frontier: Vec<(NodeId, Has)>) -> Vec<Steps> {
        let mut sessions: Vec<(NodeId, Has)> = Vec::new();
        let mut there: BTreeMap<ClusterId, Vec<(NodeId, Principal, Has)>> = BTreeMap::new();
        for (id, has) in frontier {
            let Some(node) = self.nodes.get(id) else { continue };
            match node.principal.cluster() {
                Some(cluster) => there.entry(cluster).or_default().push((id, node.principal.clone(), has)),
                None => sessions.push((id, has)),
            }
        }
        let map = &self.map;
        let mut all: Vec<Steps> = sessions.par_iter().map(|(id, has)| aws::steps(map, *id, has)).collect();
        let mut work = Vec::new();
        for (cluster, fresh) in there {
            let ground = self.grounds.remove(&cluster);
            work.push((cluster, ground, fresh));
        }
        let done: Vec<(ClusterId, Ground<'i>, Steps)> = work
            .into_par_iter()
            .filter_map(|(cluster, ground, fresh)| {
                let mut ground = ground.or_else(|| Ground::of(map, cluster))?;
                let steps = ground.step(map, fresh);
                Some((cluster, ground, steps))
            })
            .collect();
        for (cluster, ground, steps) in done {
            self.grounds.insert(cluster, ground);
            all.push(steps);
        }
        all
    }

    fn take(&mut self, steps: Vec<Steps>) {
        for Steps { found, unknown, unknown_there, leads } in steps {
            for (from, gap) in unknown {
                self.unknown.entry(gap).or_default().insert(from);
            }
            self.unknown_there.extend(unknown_there.into_iter().map(|(from, on, gap)| (on, gap, from)));
            self.leads.extend(leads);
            self.merge(found);
        }
    }

    fn merge(&mut self, found: Vec<Found>) {
        for one in found {
            let tier = one.tier();
            if one.pod_on.is_some_and(|on| !self.with_pods.contains(&on)) {
                self.for_pods.push(one);
            } else if tier <= self.tier {
                self.link(one);
            } else if let Some(later) = self.later.get_mut(tier) {
                later.push(one);
            }
        }
    }

    fn link(&mut self, found: Found) {
        let Found { from, to, has, how, by, place, missing, own, .. } = found;
        let Some((before, depth)) = self.nodes.get(from).map(|node| (node.own, node.depth)) else { return };
        let certain = self.tier < 2;
        let edge = Some(self.edges.len());
        // What is certain anyhow isn't made more so.
        let is_certain = |id: &NodeId| self.nodes.get(*id).is_some_and(|node| node.certain);
        if !missing.is_empty() && self.ids.get(&to).is_some_and(is_certain) {
            return;
        }
        let id = match self.ids.get(&to) {
            Some(id) => *id,
            None => {
                let own = before && own && self.tier == 0;
                self.add(Reached { principal: to, certain, own, depth: depth + 1, edge }, has)
            }
        };
        if id != from && self.links.insert((from, id)) {
            self.edges.push(Edge { from, to: id, how, by, place, missing });
        }
    }

    fn add(&mut self, node: Reached, has: Has) -> NodeId {
        if let Some(id) = self.ids.get(&node.principal) {
            return *id;
        }
        let id = self.nodes.len();
        if let Principal::Pod(account) = &node.principal {
            self.with_pods.insert(account.cluster);
        }
        if let Principal::ClusterAdmin(cluster) = node.principal {
            self.with_pods.insert(cluster);
        }
        if let Some(cluster) = node.principal.cluster() {
            self.there.entry(cluster).or_default().push(id);
        }
        self.ids.insert(node.principal.clone(), id);
        self.nodes.push(node);
        self.frontier.push((id, has));
        id
    }
}
