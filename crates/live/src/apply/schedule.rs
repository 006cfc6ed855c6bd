//! Which task may begin: everything that must have ended before has, and has ended well. No IO: whoever does the tasks says how they
//! ended.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use facts::ClusterArn;

use super::graph::{Node, Task};

/// How a task ended, or why it didn't begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Done, and seen to be so.
    Done,
    /// Whether it is as it should be couldn't be seen, and why.
    Unobserved(String),
    /// It isn't as it should be.
    Failed(String),
    /// Left for another time, since what it waits for couldn't be seen.
    Pending(String),
    /// Not begun, since something else failed or somebody ended the run.
    Stopped(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Ended(Ended),
}

/// The tasks and how far they are. Each task is looked at once for each that it comes after, however many there are.
pub(crate) struct Schedule<'n> {
    nodes: &'n [Node],
    states: Vec<State>,
    /// Which tasks come after each.
    dependents: Vec<Vec<usize>>,
    /// How many tasks each still waits for.
    open: Vec<usize>,
    /// Those that wait for none.
    ready: BTreeSet<usize>,
    /// The tasks that stop when something fails on a cluster.
    of_cluster: BTreeMap<&'n ClusterArn, Vec<usize>>,
}

impl<'n> Schedule<'n> {
    pub(crate) fn new(nodes: &'n [Node]) -> Self {
        let mut dependents = vec![Vec::new(); nodes.len()];
        let mut of_cluster: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, node) in nodes.iter().enumerate() {
            for before in &node.after {
                dependents.get_mut(*before).into_iter().for_each(|own: &mut Vec<usize>| own.push(at));
            }
            node.concerns.iter().for_each(|cluster| of_cluster.entry(cluster).or_default().push(at));
        }
        let open: Vec<usize> = nodes.iter().map(|node| node.after.len()).collect();
        let ready = open.iter().enumerate().filter(|(_, open)| **open == 0).map(|(at, _)| at).collect();
        Self { nodes, states: vec![State::Waiting; nodes.len()], dependents, open, ready, of_cluster }
    }

    /// Those that may begin now, the first of the plan first; they count as running from now on.
    pub(crate) fn begin(&mut self, at_most: usize) -> Vec<usize> {
        let mut begun = Vec::new();
        while begun.len() < at_most {
            let Some(node) = self.ready.pop_first() else { break };
            if self.is_waiting(node) {
                self.set(node, State::Running);
                begun.push(node);
            }
        }
        begun
    }

    /// A task has ended, and with it perhaps others that can't begin any more.
    pub(crate) fn end(&mut self, node: usize, ended: Ended) {
        let mut ending = VecDeque::from([(node, ended)]);
        while let Some((at, ended)) = ending.pop_front() {
            let (Some(node), Some(State::Waiting | State::Running)) =
                (self.nodes.get(at), self.states.get(at))
            else {
                continue;
            };
            if let (Ended::Failed(_), Some(cluster)) = (&ended, &node.concerns) {
                let why = Ended::Stopped(format!("something failed on {}", cluster.name));
                let others = self.of_cluster.get(cluster).into_iter().flatten();
                let others = others.filter(|other| **other != at && self.is_waiting(**other));
                ending.extend(others.map(|other| (*other, why.clone())));
            }
            for dependent in self.dependents.get(at).cloned().unwrap_or_default() {
                self.one_less(dependent);
                let waits = self.nodes.get(dependent).filter(|_| self.is_waiting(dependent));
                ending.extend(waits.and_then(|waits| Some((dependent, obstacle(node, &ended, waits)?))));
            }
            self.set(at, State::Ended(ended));
        }
    }

    /// Nothing begins any more.
    pub(crate) fn stop(&mut self, why: &str) {
        for state in self.states.iter_mut().filter(|state| **state == State::Waiting) {
            *state = State::Ended(Ended::Stopped(why.to_owned()));
        }
    }

    /// How each task ended, in the order of the nodes.
    pub(crate) fn ended(self) -> Vec<Ended> {
        let ended = |state| match state {
            State::Ended(ended) => ended,
            State::Waiting | State::Running => {
                Ended::Stopped("it waits for something that waits for it".to_owned())
            }
        };
        self.states.into_iter().map(ended).collect()
    }

    fn set(&mut self, node: usize, state: State) {
        if let Some(slot) = self.states.get_mut(node) {
            *slot = state;
        }
    }

    fn is_waiting(&self, node: usize) -> bool {
        self.states.get(node) == Some(&State::Waiting)
    }

    fn one_less(&mut self, node: usize) {
        let Some(open) = self.open.get_mut(node) else { return };
        *open = open.saturating_sub(1);
        if *open == 0 {
            self.ready.insert(node);
        }
    }
}

/// How a task ends without having begun, since one that it comes after ended so.
fn obstacle(before: &Node, ended: &Ended, node: &Node) -> Option<Ended> {
    match ended {
        Ended::Done => None,
        Ended::Failed(_) | Ended::Stopped(_) => {
            Some(Ended::Stopped("something that it comes after isn't done".to_owned()))
        }
        // A gate that nobody could look through holds back what takes something away, and nothing else.
        Ended::Unobserved(_) if is_gate(before) && !node.removes => None,
        Ended::Unobserved(why) | Ended::Pending(why) => Some(Ended::Pending(why.clone())),
    }
}

fn is_gate(node: &Node) -> bool {
    matches!(node.task, Task::Access(_) | Task::Connection(_))
}
