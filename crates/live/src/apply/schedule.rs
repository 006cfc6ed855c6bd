//! Which task may begin: everything that must have ended before has, and has ended well. No IO: whoever does the tasks says how they
//! ended.

use std::collections::BTreeSet;

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

/// The tasks and how far they are.
pub(crate) struct Schedule<'n> {
    nodes: &'n [Node],
    states: Vec<State>,
    /// Clusters on which something failed.
    stopped: BTreeSet<ClusterArn>,
}

impl<'n> Schedule<'n> {
    pub(crate) fn new(nodes: &'n [Node]) -> Self {
        Self { nodes, states: vec![State::Waiting; nodes.len()], stopped: BTreeSet::new() }
    }

    /// Those that may begin now; they count as running from now on.
    pub(crate) fn begin(&mut self, at_most: usize) -> Vec<usize> {
        while self.give_up() {}
        let ready: Vec<usize> =
            (0..self.nodes.len()).filter(|node| self.is_ready(*node)).take(at_most).collect();
        ready.iter().for_each(|node| self.set(*node, State::Running));
        ready
    }

    pub(crate) fn end(&mut self, node: usize, ended: Ended) {
        if let (Ended::Failed(_), Some(Some(cluster))) =
            (&ended, self.nodes.get(node).map(|node| node.concerns.clone()))
        {
            self.stopped.insert(cluster);
        }
        self.set(node, State::Ended(ended));
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

    /// Ends what can't begin any more; whether there was anything.
    fn give_up(&mut self) -> bool {
        let given_up: Vec<(usize, Ended)> =
            (0..self.nodes.len()).filter_map(|node| Some((node, self.obstacle(node)?))).collect();
        let any = !given_up.is_empty();
        given_up.into_iter().for_each(|(node, ended)| self.set(node, State::Ended(ended)));
        any
    }

    fn obstacle(&self, at: usize) -> Option<Ended> {
        let node = self.nodes.get(at).filter(|_| self.states.get(at) == Some(&State::Waiting))?;
        if let Some(cluster) = node.concerns.as_ref().filter(|cluster| self.stopped.contains(cluster)) {
            return Some(Ended::Stopped(format!("something failed on {}", cluster.name)));
        }
        let before = node.after.iter().filter_map(|before| match self.states.get(*before) {
            Some(State::Ended(ended)) => Some((self.nodes.get(*before)?, ended)),
            _ => None,
        });
        let mut pending = None;
        for (before, ended) in before {
            match ended {
                Ended::Done => {}
                Ended::Failed(_) | Ended::Stopped(_) => {
                    return Some(Ended::Stopped("something that it comes after isn't done".to_owned()));
                }
                // A gate that nobody could look through holds back what takes something away, and nothing else.
                Ended::Unobserved(_) if is_gate(before) && !node.removes => {}
                Ended::Unobserved(why) | Ended::Pending(why) => pending = Some(Ended::Pending(why.clone())),
            }
        }
        pending
    }

    fn is_ready(&self, at: usize) -> bool {
        let ended = |before: &usize| matches!(self.states.get(*before), Some(State::Ended(_)));
        self.states.get(at) == Some(&State::Waiting)
            && self.nodes.get(at).is_some_and(|node| node.after.iter().all(ended))
    }
}

fn is_gate(node: &Node) -> bool {
    matches!(node.task, Task::Access(_) | Task::Connection(_))
}
