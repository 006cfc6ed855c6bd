//! The graph that is drawn: everybody who is reached, or so few groups of them that a person can still look at it.

use std::collections::{BTreeMap, BTreeSet};

use access::reach::{Edge, Principal, Reach, Reached};

/// More nodes than this nobody reads.
const MOST: usize = 80;

/// What is drawn.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) links: Vec<Link>,
    /// What was put together, in words.
    pub(crate) grouped: Option<String>,
    /// Whether more may be reached.
    pub(crate) is_open: bool,
}

/// Somebody, or several of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) kind: &'static str,
    pub(crate) label: String,
    /// The cluster that it is on.
    pub(crate) cluster: Option<String>,
    pub(crate) certain: bool,
    pub(crate) own: bool,
}

/// A step, or several between the same two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) label: String,
    pub(crate) certain: bool,
}

/// How much is put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grouping {
    Nothing,
    /// All of a kind on a cluster, and in an account.
    OfACluster,
    /// All of a kind.
    OfAKind,
}

/// What nodes have in common that are drawn as one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    /// Whoever was taken over stays alone.
    alone: Option<usize>,
    own: bool,
    certain: bool,
    kind: &'static str,
    place: Option<String>,
}

/// Of what is reached.
pub(crate) fn of(reach: &Reach) -> Graph {
    let groupings = [Grouping::Nothing, Grouping::OfACluster, Grouping::OfAKind];
    let fits = |grouping: &Grouping| {
        let groups = reach.principals.iter().enumerate().map(|(at, node)| group(reach, at, node, *grouping));
        groups.collect::<BTreeSet<_>>().len() <= MOST
    };
    let grouping = groupings.into_iter().find(fits).unwrap_or(Grouping::OfAKind);
    grouped(reach, grouping)
}

fn grouped(reach: &Reach, grouping: Grouping) -> Graph {
    let mut members: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
    let mut order: Vec<Group> = Vec::new();
    for (at, node) in reach.principals.iter().enumerate() {
        let group = group(reach, at, node, grouping);
        let own = members.entry(group.clone()).or_default();
        if own.is_empty() {
            order.push(group);
        }
        own.push(at);
    }
    let mut number = vec![0; reach.principals.len()];
    let mut graph = Graph { is_open: !reach.is_complete(), ..Graph::default() };
    for (id, group) in order.into_iter().enumerate() {
        let own = members.remove(&group).unwrap_or_default();
        for at in &own {
            number.get_mut(*at).into_iter().for_each(|number| *number = id);
        }
        graph.nodes.push(node(reach, &group, &own));
    }
    graph.links = links(&reach.edges, &number);
    graph.grouped = words(grouping, reach.principals.len(), graph.nodes.len());
    graph
}

fn group(reach: &Reach, at: usize, node: &Reached, grouping: Grouping) -> Group {
    let Reached { principal, certain, own, depth, .. } = node;
    let alone = (grouping == Grouping::Nothing || *depth == 0).then_some(at);
    let place = match grouping {
        Grouping::OfAKind => None,
        _ => place(reach, principal),
    };
    Group { alone, own: *own, certain: *certain, kind: principal.kind(), place }
}

/// Its cluster, or its account.
fn place(reach: &Reach, principal: &Principal) -> Option<String> {
    match principal {
        Principal::Iam { arn, .. } => arn.split(':').nth(4).map(|account| format!("account {account}")),
        _ => cluster(reach, principal),
    }
}

fn cluster(reach: &Reach, principal: &Principal) -> Option<String> {
    super::cluster(reach, principal.cluster()?)
}

fn node(reach: &Reach, group: &Group, members: &[usize]) -> Node {
    let Group { own, certain, kind, place, .. } = group;
    let all = members.iter().filter_map(|at| reach.principals.get(*at));
    let principals: Vec<&Principal> = all.map(|node| &node.principal).collect();
    let label = match principals.as_slice() {
        [one] => one.to_string(),
        several => match place.as_deref().filter(|place| place.starts_with("account ")) {
            Some(account) => format!("{} in {account}", several.len()),
            None => format!("{} of them", several.len()),
        },
    };
    let clusters: BTreeSet<String> =
        principals.iter().filter_map(|principal| cluster(reach, principal)).collect();
    let (own, certain, kind) = (*own, *certain, *kind);
    let (cluster, label) = match clusters.len() {
        0 => (None, label),
        1 => (clusters.into_iter().next(), label),
        several => (None, format!("{label}, on {several} clusters")),
    };
    Node { kind, label, cluster, certain, own }
}

fn links(edges: &[Edge], number: &[usize]) -> Vec<Link> {
    let mut all: BTreeMap<(usize, usize), (BTreeSet<&'static str>, bool)> = BTreeMap::new();
    for edge in edges {
        let at = |end: usize| number.get(end).copied().unwrap_or_default();
        let ends = (at(edge.from), at(edge.to));
        if ends.0 != ends.1 {
            let link = all.entry(ends).or_default();
            link.0.insert(edge.how);
            link.1 |= edge.missing.is_empty();
        }
    }
    let link = |((from, to), (how, certain)): ((usize, usize), (BTreeSet<&'static str>, bool))| {
        let label = how.into_iter().collect::<Vec<_>>().join(", ");
        Link { from, to, label, certain }
    };
    all.into_iter().map(link).collect()
}

fn words(grouping: Grouping, principals: usize, nodes: usize) -> Option<String> {
    let how = match grouping {
        Grouping::Nothing => return None,
        Grouping::OfACluster => "all of a kind on a cluster or in an account are one node",
        Grouping::OfAKind => "all of a kind are one node, whatever their cluster or account",
    };
    Some(format!("{principals} principals are drawn as {nodes} nodes: {how}"))
}

impl Graph {
    /// Below the title.
    pub(crate) fn notes(&self) -> Vec<String> {
        let open = self.is_open.then(|| "Not everything is known: more may be reached.".to_owned());
        self.grouped.iter().map(|grouped| format!("{grouped}.")).chain(open).collect()
    }

    /// The nodes by their clusters; those of none first.
    pub(crate) fn by_cluster(&self) -> BTreeMap<Option<&str>, Vec<(usize, &Node)>> {
        let mut all: BTreeMap<Option<&str>, Vec<(usize, &Node)>> = BTreeMap::new();
        for (id, node) in self.nodes.iter().enumerate() {
            all.entry(node.cluster.as_deref()).or_default().push((id, node));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One role that assumes many others, in three accounts.
    fn star(roles: usize) -> Reach {
        let role = |number: usize| Reached {
            principal: Principal::Iam {
                arn: format!("arn:aws:iam::{:012}:role/r{number}", number % 3).into(),
                tags: "".into(),
            },
            certain: true,
            own: number == 0,
            depth: usize::from(number > 0),
            edge: number.checked_sub(1),
        };
        let edge = |to: usize| Edge {
            from: 0,
            to,
            how: "assume-role",
            by: String::new(),
            place: None,
            missing: Vec::new(),
        };
        Reach {
            principals: (0..=roles).map(role).collect(),
            edges: (1..=roles).map(edge).collect(),
            ..Reach::default()
        }
    }

    #[test]
    fn a_few_are_drawn_one_by_one() {
        let graph = of(&star(MOST - 1));
        assert_eq!((graph.nodes.len(), graph.links.len(), graph.grouped), (MOST, MOST - 1, None));
    }

    #[test]
    fn thousands_are_drawn_as_groups_and_the_graph_says_so() {
        let graph = of(&star(3000));
        let labels: Vec<&str> = graph.nodes.iter().map(|node| node.label.as_str()).collect();
        let account = |number: usize| format!("1000 in account {number:012}");
        assert_eq!(labels, ["arn:aws:iam::000000000000:role/r0", &account(1), &account(2), &account(0)]);
        assert!(graph.notes()[0].starts_with("3001 principals are drawn as 4 nodes"), "{:?}", graph.notes());
        assert!(graph.links.iter().all(|link| link.from == 0 && link.label == "assume-role"));
        assert_eq!(graph.links.len(), 3);
    }
}
