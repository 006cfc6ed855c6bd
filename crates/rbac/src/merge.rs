//! Permissions back into rules that people read: as few as possible, and never one request more.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{Permission, PermissionSet, PolicyRule, Scope};

/// The order in which people write verbs; others follow by name.
const VERBS: [&str; 9] =
    ["*", "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/// Rules that grant exactly this set, by the scope in which to bind them.
///
/// Permissions are combined only where the product of a rule's lists is all in the set; afterwards no rule can be
/// dropped by letting others take over what it lists. The result depends on the set alone. Finding the fewest rules
/// of all is as hard as covering a bipartite graph with complete ones; on every set small enough to try all, the
/// tests find no fewer.
pub fn rules(set: &PermissionSet) -> BTreeMap<Scope, Vec<PolicyRule>> {
    let mut blocks: BTreeMap<(Scope, Kind), Vec<Block>> = BTreeMap::new();
    for permission in set.iter() {
        let (scope, kind, block) = Block::of(permission);
        blocks.entry((scope, kind)).or_default().push(block);
    }
    let mut rules: BTreeMap<Scope, Vec<PolicyRule>> = BTreeMap::new();
    for ((scope, kind), blocks) in blocks {
        let merged = merge(&blocks).into_iter().map(|block| block.into_rule(kind));
        rules.entry(scope).or_default().extend(merged);
    }
    rules
}

/// Rules about resources and rules about paths never share a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Resource,
    Path,
}

/// A list of one dimension; the lack of a name is a value like any other.
type Words = BTreeSet<Option<Arc<str>>>;

/// A rule in the making: the product of its lists. Paths stand in `resources`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Block {
    groups: Words,
    resources: Words,
    names: Words,
    verbs: Words,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Groups,
    Resources,
    Names,
    Verbs,
}

impl Side {
    const ALL: [Self; 4] = [Self::Resources, Self::Verbs, Self::Names, Self::Groups];

    /// Orders of combining that lead to different results; of equally few rules the first are the most readable.
    const ORDERS: [[Self; 4]; 4] = [
        [Self::Verbs, Self::Resources, Self::Names, Self::Groups],
        [Self::Verbs, Self::Names, Self::Resources, Self::Groups],
        [Self::Resources, Self::Verbs, Self::Names, Self::Groups],
        [Self::Resources, Self::Groups, Self::Names, Self::Verbs],
    ];
}

fn merge(atoms: &[Block]) -> Vec<Block> {
    let tries = Side::ORDERS.into_iter().map(|order| {
        let mut blocks = order.into_iter().fold(atoms.to_vec(), combine);
        drop_redundant(&mut blocks);
        blocks
    });
    let mut best = tries.min_by_key(Vec::len).unwrap_or_default();
    best.sort();
    best
}

/// Unites blocks that differ on one side only.
fn combine(blocks: Vec<Block>, side: Side) -> Vec<Block> {
    let mut united: BTreeMap<Block, Words> = BTreeMap::new();
    for mut block in blocks {
        let words = std::mem::take(block.side_mut(side));
        united.entry(block).or_default().extend(words);
    }
    let put_back = |(mut block, words): (Block, Words)| {
        *block.side_mut(side) = words;
        block
    };
    united.into_iter().map(put_back).collect()
}

/// Drops each block that the others can take over: where one block has `get` and one has `list`, a third for
/// `get` and `list` is needless, its resources can be listed in both.
fn drop_redundant(blocks: &mut Vec<Block>) {
    let mut at = 0;
    while let Some(block) = blocks.get(at).cloned() {
        match takeover(blocks, at, &block) {
            None => at += 1,
            Some(wider) => {
                for (index, words, side) in wider {
                    if let Some(other) = blocks.get_mut(index) {
                        other.side_mut(side).extend(words);
                    }
                }
                blocks.remove(at);
                at = 0;
            }
        }
    }
}

/// How other blocks can be widened so that together they grant all of `block`, and nothing outside of it that is new.
///
/// A block whose other three sides lie within `block`'s may take over `block`'s words on the fourth.
fn takeover(blocks: &[Block], own: usize, block: &Block) -> Option<Vec<(usize, Words, Side)>> {
    let mut open = block.cells();
    let mut chosen = Vec::new();
    let others = || blocks.iter().enumerate().filter(|(index, _)| *index != own);
    for (index, other) in others() {
        open.retain(|cell| !other.has(cell));
        for side in Side::ALL.into_iter().filter(|side| other.within_but(block, *side)) {
            let mut wider = other.clone();
            wider.side_mut(side).extend(block.side(side).iter().cloned());
            let before = open.len();
            open.retain(|cell| !wider.has(cell));
            if open.len() < before {
                chosen.push((index, block.side(side).clone(), side));
                // Two sides widened at once would add their corner too.
                break;
            }
        }
    }
    open.is_empty().then_some(chosen)
}

impl Block {
    fn of(permission: Permission) -> (Scope, Kind, Self) {
        let one = |word| Words::from([word]);
        match permission {
            Permission::Resource { scope, group, resource, verb, name } => {
                let (groups, resources) = (one(Some(group)), one(Some(resource)));
                let block = Self { groups, resources, names: one(name), verbs: one(Some(verb)) };
                (scope, Kind::Resource, block)
            }
            Permission::NonResource { path, verb } => {
                let (resources, verbs) = (one(Some(path)), one(Some(verb)));
                let block = Self { groups: one(None), resources, names: one(None), verbs };
                (Scope::Cluster, Kind::Path, block)
            }
        }
    }

    fn into_rule(self, kind: Kind) -> PolicyRule {
        let words =
            |words: Words| words.into_iter().flatten().map(|word| word.to_string()).collect::<Vec<_>>();
        let mut verbs = words(self.verbs);
        verbs.sort_by_key(|verb| VERBS.iter().position(|known| known == verb).unwrap_or(VERBS.len()));
        let mut rule = PolicyRule { verbs, ..PolicyRule::default() };
        match kind {
            Kind::Path => rule.non_resource_urls = words(self.resources),
            Kind::Resource => {
                rule.api_groups = words(self.groups);
                rule.resources = words(self.resources);
                rule.resource_names = words(self.names);
            }
        }
        rule
    }

    fn side(&self, side: Side) -> &Words {
        match side {
            Side::Groups => &self.groups,
            Side::Resources => &self.resources,
            Side::Names => &self.names,
            Side::Verbs => &self.verbs,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut Words {
        match side {
            Side::Groups => &mut self.groups,
            Side::Resources => &mut self.resources,
            Side::Names => &mut self.names,
            Side::Verbs => &mut self.verbs,
        }
    }

    /// Whether all sides but one are subsets of the other's.
    fn within_but(&self, other: &Self, but: Side) -> bool {
        Side::ALL
            .into_iter()
            .filter(|side| *side != but)
            .all(|side| self.side(side).is_subset(other.side(side)))
    }

    fn has(&self, cell: &[Option<Arc<str>>; 4]) -> bool {
        let [group, resource, name, verb] = cell;
        self.groups.contains(group)
            && self.resources.contains(resource)
            && self.names.contains(name)
            && self.verbs.contains(verb)
    }

    fn cells(&self) -> Vec<[Option<Arc<str>>; 4]> {
        let mut cells = Vec::new();
        for (group, resource) in self.groups.iter().flat_map(|g| self.resources.iter().map(move |r| (g, r))) {
            for (name, verb) in self.names.iter().flat_map(|n| self.verbs.iter().map(move |v| (n, v))) {
                cells.push([group.clone(), resource.clone(), name.clone(), verb.clone()]);
            }
        }
        cells
    }
}
