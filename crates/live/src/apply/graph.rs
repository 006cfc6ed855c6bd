//! What is done after what: the steps of a plan, the removals inside of objects, and the gates between making and breaking.

use std::collections::{BTreeMap, BTreeSet};

use facts::ClusterArn;
use plan::{Action, Location, Object, ObjectId, Owner, ROLE_ANNOTATION, Step};

use super::Spoke;

/// The kinds that give access to a cluster.
const GRANTS: [&str; 3] = ["ClusterRoleBinding", "RoleBinding", "access entry"];

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// A step of the plan, by its place in it.
    Step(usize),
    /// What an object holds beyond what the plan wants, taken from it once nobody needs it any more: access policies of an entry,
    /// policies of a role.
    Revoke(usize),
    /// Whether the cluster's side of the new access is there, by its place among the spokes.
    Access(usize),
    /// Whether Argo CD gets through to the cluster by it.
    Connection(usize),
}

/// A task with what must have ended before.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) task: Task,
    /// Places of other nodes.
    pub(crate) after: BTreeSet<usize>,
    /// The cluster that stops when this fails.
    pub(crate) concerns: Option<ClusterArn>,
    /// Whether it takes something away that may be in use.
    pub(crate) removes: bool,
}

/// The tasks of a plan. Pending steps and those that change nothing are none of them.
pub(crate) fn nodes(steps: &[Step], spokes: &[Spoke]) -> Vec<Node> {
    let by_id = steps.iter().map(|step| (&step.object, step)).collect();
    let mut graph = Graph { steps, by_id, spokes, nodes: Vec::new(), of: BTreeMap::new() };
    graph.steps();
    graph.namespaces();
    graph.gates();
    graph.nodes
}

struct Graph<'a> {
    steps: &'a [Step],
    by_id: BTreeMap<&'a ObjectId, &'a Step>,
    spokes: &'a [Spoke],
    nodes: Vec<Node>,
    /// The node of a step that does something.
    of: BTreeMap<&'a ObjectId, usize>,
}

impl<'a> Graph<'a> {
    fn steps(&mut self) {
        let active = |step: &&Step| step.changes_something() && !step.is_pending();
        let steps: Vec<(usize, &'a Step)> =
            self.steps.iter().enumerate().filter(|(_, step)| active(step)).collect();
        for (at, step) in &steps {
            // An annotation goes so that the new identity comes; nobody has that one yet.
            let removes = step.action == Action::Delete && step.object.kind != ROLE_ANNOTATION;
            let node = self.push(Task::Step(*at), concerns(step), removes);
            self.of.insert(&step.object, node);
        }
        for (own, (_, step)) in steps.into_iter().enumerate() {
            let mut after = self.before(step);
            after.remove(&own);
            if let Some(node) = self.nodes.get_mut(own) {
                node.after = after;
            }
        }
    }

    fn push(&mut self, task: Task, concerns: Option<ClusterArn>, removes: bool) -> usize {
        self.nodes.push(Node { task, after: BTreeSet::new(), concerns, removes });
        self.nodes.len() - 1
    }

    /// The nodes of what a step comes after; through steps that have nothing to do, what these come after.
    fn before(&self, step: &'a Step) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<&ObjectId> = step.after.iter().collect();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.of.get(id) {
                Some(node) => _ = found.insert(*node),
                None => open.extend(self.by_id.get(id).into_iter().flat_map(|step| &step.after)),
            }
        }
        found
    }

    /// A namespace comes before what is in it.
    fn namespaces(&mut self) {
        for node in 0..self.nodes.len() {
            let Some(step) = self.step_of(node) else { continue };
            let Some(Object::Kubernetes(object)) = step.desired.as_ref().map(|desired| &desired.object)
            else {
                continue;
            };
            let Some(name) = object.namespace.clone() else { continue };
            let id = ObjectId { location: step.object.location.clone(), kind: "Namespace".to_owned(), name };
            let Some(namespace) = self.of.get(&id).copied() else { continue };
            if let Some(node) = self.nodes.get_mut(node) {
                node.after.insert(namespace);
            }
        }
    }

    fn step_of(&self, node: usize) -> Option<&'a Step> {
        match self.nodes.get(node)?.task {
            Task::Step(at) | Task::Revoke(at) => self.steps.get(at),
            Task::Access(_) | Task::Connection(_) => None,
        }
    }

    /// Grants of a cluster, its access, its Secret, its connection, and only then what goes.
    fn gates(&mut self) {
        let revoked: Vec<usize> = (0..self.steps.len()).filter(|at| self.is_revoked(*at)).collect();
        for at in revoked {
            let Some(step) = self.steps.get(at) else { continue };
            let node = self.push(Task::Revoke(at), concerns(step), true);
            let own = self.of.get(&step.object).copied();
            if let Some(node) = self.nodes.get_mut(node) {
                node.after.extend(own);
            }
        }
        let made: Vec<usize> = (0..self.nodes.len()).collect();
        let restarts: Vec<usize> = made
            .iter()
            .copied()
            .filter(|node| self.step_of(*node).is_some_and(|step| step.action == Action::Restart))
            .collect();
        // The run that was to remove it may have ended before anybody saw that Argo CD gets through without it, on any cluster.
        let is_left_over =
            |node: &usize| self.step_of(*node).is_some_and(|step| step.left_over && is_identity(step));
        let all = made.iter().any(is_left_over);
        let mut connections = Vec::new();
        for (at, spoke) in self.spokes.iter().enumerate() {
            let about: Vec<usize> = made.iter().copied().filter(|node| self.is_about(*node, spoke)).collect();
            if all || !about.is_empty() {
                connections.push(self.spoke(at, spoke, &about, &restarts));
            }
        }
        self.identities(&made, &restarts, &connections);
    }

    /// The gates of one cluster, between what about it is made and what goes; gives that of its connection.
    fn spoke(&mut self, at: usize, spoke: &Spoke, about: &[usize], restarts: &[usize]) -> usize {
        let (removals, others): (Vec<usize>, Vec<usize>) =
            about.iter().copied().partition(|node| self.nodes.get(*node).is_some_and(|node| node.removes));
        let (secrets, grants): (Vec<usize>, Vec<usize>) = others.iter().copied().partition(|node| {
            self.step_of(*node).and_then(secret_of).is_some_and(|arns| arns.contains(&spoke.arn))
        });
        // What only follows the Secret, such as a restart, is no part of the way that is asked about.
        let after_secret = |node: &usize| self.comes_after(*node, &secrets);
        let grants: Vec<usize> =
            grants.into_iter().filter(|node| !restarts.contains(node) && !after_secret(node)).collect();
        let access = self.push(Task::Access(at), Some(spoke.arn.clone()), false);
        let connection = self.push(Task::Connection(at), Some(spoke.arn.clone()), false);
        self.follow(access, &grants);
        secrets.iter().for_each(|secret| self.follow(*secret, &[access]));
        self.follow(connection, &[access]);
        self.follow(connection, &secrets);
        self.follow(connection, restarts);
        removals.iter().for_each(|removal| self.follow(*removal, &[access, connection]));
        connection
    }

    fn follow(&mut self, node: usize, before: &[usize]) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.after.extend(before);
        }
    }

    fn comes_after(&self, node: usize, any: &[usize]) -> bool {
        let mut open = vec![node];
        let mut seen = BTreeSet::new();
        while let Some(node) = open.pop() {
            for before in self.nodes.get(node).into_iter().flat_map(|node| &node.after) {
                if any.contains(before) {
                    return true;
                }
                if seen.insert(*before) {
                    open.push(*before);
                }
            }
        }
        false
    }

    /// Roles and associations that go, and policies that roles lose: whoever still came by them would be locked out wherever they
    /// led, so all connections come first.
    fn identities(&mut self, made: &[usize], restarts: &[usize], connections: &[usize]) {
        for node in made.iter().copied() {
            let removes = self.nodes.get(node).is_some_and(|node| node.removes);
            if removes && self.step_of(node).is_some_and(is_identity) {
                self.follow(node, connections);
                self.follow(node, restarts);
            }
        }
    }

    fn is_about(&self, node: usize, spoke: &Spoke) -> bool {
        let Some(step) = self.step_of(node) else { return false };
        match secret_of(step) {
            Some(arns) => arns.contains(&spoke.arn),
            None => cluster(&step.object.location) == Some(&spoke.arn),
        }
    }

    /// Whether an object that stays holds something that goes.
    fn is_revoked(&self, at: usize) -> bool {
        self.steps.get(at).is_some_and(|step| {
            let Action::Update { changes } = &step.action else { return false };
            !step.is_pending()
                && changes.iter().any(|change| !gone(change).is_empty())
                && matches!(step.owner, Owner::Owned | Owner::Adopt)
        })
    }
}

/// Whether it is by this that pods are somebody.
fn is_identity(step: &Step) -> bool {
    matches!(step.object.location, Location::Account(_)) || step.object.kind == "pod identity association"
}

/// What a change of a list of policies takes away, by name or ARN.
pub(crate) fn gone(change: &plan::Change) -> BTreeSet<String> {
    if !["access policies", "inline policies", "managed policies"].contains(&change.field.as_str()) {
        return BTreeSet::new();
    }
    let names = |value: &Option<serde_json::Value>| -> BTreeSet<String> {
        let items = value.as_ref().and_then(serde_json::Value::as_array).into_iter().flatten();
        let name = |item: &serde_json::Value| {
            item.as_str().or_else(|| item.get("name")?.as_str()).map(str::to_owned)
        };
        items.filter_map(name).collect()
    };
    let kept = names(&change.to);
    names(&change.from).into_iter().filter(|name| !kept.contains(name)).collect()
}

/// The clusters that a cluster Secret stands for: it comes after the grants there.
fn secret_of(step: &Step) -> Option<BTreeSet<ClusterArn>> {
    let is_secret = step.object.kind == "Secret" && step.action != Action::Delete;
    let grants = step.after.iter().filter(|after| GRANTS.contains(&after.kind.as_str()));
    let clusters: BTreeSet<ClusterArn> =
        grants.filter_map(|after| cluster(&after.location)).cloned().collect();
    (is_secret && !clusters.is_empty()).then_some(clusters)
}

/// The cluster that a step is about: a cluster Secret's failure is its spoke's and not the hub's.
fn concerns(step: &Step) -> Option<ClusterArn> {
    secret_of(step)
        .and_then(|clusters| clusters.into_iter().next())
        .or_else(|| cluster(&step.object.location).cloned())
}

fn cluster(location: &Location) -> Option<&ClusterArn> {
    match location {
        Location::Eks(arn) | Location::Cluster(arn) => Some(arn),
        Location::Account(_) => None,
    }
}

/// Whether something done to an object may change how Argo CD gets through to a cluster: grants there, its Secret, restarts.
pub(crate) fn is_about(steps: &[Step], id: &ObjectId, arn: &ClusterArn) -> bool {
    if id.kind == "restart" {
        return true;
    }
    let step = steps.iter().find(|step| step.object == *id);
    match step.and_then(secret_of) {
        Some(arns) => arns.contains(arn),
        None => cluster(&id.location) == Some(arn) && step.is_some_and(|step| step.desired.is_some()),
    }
}
