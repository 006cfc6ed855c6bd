//! Permissions back into rules that people read: as few as possible, and never one request more.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{Permission, PermissionSet, PolicyRule, Scope, pattern::ALL};

/// The order in which people write verbs; others follow by name.
const VERBS: [&str; 9] =
    ["*", "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/// Rules that grant exactly this set, by the scope in which to bind them.
///
/// Permissions are combined only where the product of a rule's lists is all in the set; afterwards no rule can be
/// dropped by letting others take over what it lists. The result depends on the set alone. Finding the fewest rules
/// of all is as hard as covering a bipartite graph with complete ones, so on large sets there may be fewer; for every
/// set over a small grid a test tries all and finds none.
pub fn rules(set: &PermissionSet) -> BTreeMap<Scope, Vec<PolicyRule>> {
    let mut blocks: BTreeMap<(Scope, Kind), Vec<Block>> = BTreeMap::new();
    for permission in set.iter() {
        let (scope, kind, block) = Block::of(permission);
        blocks.entry((scope, kind)).or_default().push(block);
    }
    let mut rules: BTreeMap<Scope, Vec<PolicyRule>> = BTreeMap::new();
    for ((scope, kind), blocks) in blocks {
        let merged = merge(&blocks, &|cell| set.contains(&permission(&scope, kind, cell)));
        let merged = merged.into_iter().map(|block| block.into_rule(kind));
        rules.entry(scope).or_default().extend(merged);
    }
    rules
}

/// One value of each side: group, resource, name, verb.
type Cell = [Option<Arc<str>>; 4];

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

    /// The word that stands for all others: no name, or `*`.
    fn all(self) -> Option<Arc<str>> {
        (self != Self::Names).then(|| ALL.into())
    }

    /// Orders of combining that lead to different results; of equally few rules the first are the most readable.
    const ORDERS: [[Self; 4]; 4] = [
        [Self::Verbs, Self::Resources, Self::Names, Self::Groups],
        [Self::Verbs, Self::Names, Self::Resources, Self::Groups],
        [Self::Resources, Self::Verbs, Self::Names, Self::Groups],
        [Self::Resources, Self::Groups, Self::Names, Self::Verbs],
    ];
}

fn merge(atoms: &[Block], granted: &impl Fn(&Cell) -> bool) -> Vec<Block> {
    let tries = Side::ORDERS.into_iter().map(|order| {
        let mut blocks = order.into_iter().fold(atoms.to_vec(), combine);
        unite_pairs(&mut blocks, granted);
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

/// Unites two blocks wherever all of the product of their lists is granted, by whatever rule.
fn unite_pairs(blocks: &mut Vec<Block>, granted: &impl Fn(&Cell) -> bool) {
    let mut at = 0;
    while let Some(block) = blocks.get(at) {
        let partner = blocks.iter().enumerate().skip(at + 1).find_map(|(index, other)| {
            let both = block.bounding(other);
            let exact = both.cells().all(|cell| granted(&cell));
            exact.then_some((index, both))
        });
        match partner {
            None => at += 1,
            Some((index, both)) => {
                blocks.remove(index);
                blocks.remove(at);
                blocks.push(both);
                at = 0;
            }
        }
    }
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
                        other.widen(side, &words);
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
    let mut open: Vec<Cell> = block.cells().collect();
    let mut chosen = Vec::new();
    let others = || blocks.iter().enumerate().filter(|(index, _)| *index != own);
    for (index, other) in others() {
        open.retain(|cell| !other.has(cell));
        for side in Side::ALL.into_iter().filter(|side| other.within_but(block, *side)) {
            let mut wider = other.clone();
            wider.widen(side, block.side(side));
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

    /// The smallest block that contains both.
    fn bounding(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for side in Side::ALL {
            both.widen(side, other.side(side));
        }
        both
    }

    /// Adds words to a side; where one of them stands for all, it stands alone.
    fn widen(&mut self, side: Side, words: &Words) {
        let own = self.side_mut(side);
        own.extend(words.iter().cloned());
        let all = side.all();
        if own.contains(&all) {
            own.retain(|word| *word == all);
        }
    }

    fn has(&self, [group, resource, name, verb]: &Cell) -> bool {
        let has = |side: Side, word| {
            let words = self.side(side);
            words.contains(word) || words.contains(&side.all())
        };
        has(Side::Groups, group)
            && has(Side::Resources, resource)
            && has(Side::Names, name)
            && has(Side::Verbs, verb)
    }

    fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        let pairs = self.groups.iter().flat_map(|g| self.resources.iter().map(move |r| (g, r)));
        let triples = pairs.flat_map(|(g, r)| self.names.iter().map(move |n| (g, r, n)));
        triples.flat_map(|(g, r, n)| {
            self.verbs.iter().map(move |v| [g.clone(), r.clone(), n.clone(), v.clone()])
        })
    }
}

fn permission(scope: &Scope, kind: Kind, [group, resource, name, verb]: &Cell) -> Permission {
    let word = |word: &Option<Arc<str>>| word.clone().unwrap_or_else(|| "".into());
    match kind {
        Kind::Path => Permission::NonResource { path: word(resource), verb: word(verb) },
        Kind::Resource => Permission::Resource {
            scope: scope.clone(),
            group: word(group),
            resource: word(resource),
            verb: word(verb),
            name: name.clone(),
        },
    }
}
