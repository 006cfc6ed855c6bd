//! Permissions back into rules that people read: as few as possible, and never one request more.

mod sorted_set;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use self::sorted_set::SortedSet;
use crate::{Permission, PermissionSet, PolicyRule, Scope, pattern::ALL};

/// The order in which people write verbs; others follow by name.
const VERBS: [&str; 9] =
    ["*", "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/// Rules that grant exactly this set, by the scope in which to bind them.
///
/// Permissions are combined only where the product of a rule's lists is all in the set and in that scope: what is
/// granted in the whole cluster isn't granted once more in a namespace, even where that would save a rule. Afterwards
/// no rule can be dropped by letting others take over what it lists. The result depends on the set alone. Finding the fewest rules
/// of all is as hard as covering a bipartite graph with complete ones, so on large sets there may be fewer; for every
/// set over a small grid a test tries all and finds none.
pub fn rules(set: &PermissionSet) -> BTreeMap<Scope, Vec<PolicyRule>> {
    let words = Vocabulary::of(set);
    let mut blocks: BTreeMap<(Scope, Kind), (PermissionSet, Vec<Block>)> = BTreeMap::new();
    for permission in set.iter() {
        let (scope, kind, block) = words.block(&permission);
        let (own, blocks) = blocks.entry((scope, kind)).or_default();
        own.insert(permission);
        blocks.push(block);
    }
    let mut rules: BTreeMap<Scope, Vec<PolicyRule>> = BTreeMap::new();
    for ((scope, kind), (own, blocks)) in blocks {
        let merged = merge(&blocks, &|cell| own.contains(&words.permission(&scope, kind, cell)));
        let mut merged: Vec<PolicyRule> = merged.iter().map(|block| words.rule(block, kind)).collect();
        merged.sort();
        rules.entry(scope).or_default().extend(merged);
    }
    rules
}

/// The words of a set by number, so that comparing lists of them is cheap.
///
/// In order of their text: so what is merged in one scope doesn't depend on the words of another.
struct Vocabulary {
    numbers: BTreeMap<Arc<str>, Word>,
    /// By number, counted from [`FIRST`].
    words: Vec<Arc<str>>,
}

/// The number of a word.
type Word = u32;

/// No name, which is a value like any other; also stands where paths have nothing.
const NONE: Word = 0;
/// `*`
const STAR: Word = 1;
/// The first number of all others.
const FIRST: Word = 2;

/// One value of each side: group, resource, name, verb.
type Cell = [Word; 4];

/// Rules about resources and rules about paths never share a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Resource,
    Path,
}

/// A list of one dimension.
type Words = SortedSet<Word>;

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
    fn all(self) -> Word {
        if self == Self::Names { NONE } else { STAR }
    }

    /// Orders of combining that lead to different results; of equally few rules the first are the most readable.
    const ORDERS: [(Self, [[Self; 3]; 2]); 2] = [
        (
            Self::Verbs,
            [[Self::Resources, Self::Names, Self::Groups], [Self::Names, Self::Resources, Self::Groups]],
        ),
        (
            Self::Resources,
            [[Self::Verbs, Self::Names, Self::Groups], [Self::Groups, Self::Names, Self::Verbs]],
        ),
    ];
}

fn merge(atoms: &[Block], granted: &impl Fn(&Cell) -> bool) -> Vec<Block> {
    let mut best: Option<Vec<Block>> = None;
    for (first, orders) in Side::ORDERS {
        let combined = combine(atoms.to_vec(), first);
        for order in orders {
            let mut blocks = order.into_iter().fold(combined.clone(), combine);
            unite_pairs(&mut blocks, granted);
            drop_redundant(&mut blocks, granted);
            if best.as_ref().is_none_or(|best| blocks.len() < best.len()) {
                best = Some(blocks);
            }
        }
    }
    best.unwrap_or_default()
}

/// Unites blocks that differ on one side only.
fn combine(blocks: Vec<Block>, side: Side) -> Vec<Block> {
    let mut united: BTreeMap<Block, Words> = BTreeMap::new();
    for mut block in blocks {
        let words = std::mem::take(block.side_mut(side));
        united.entry(block).or_default().add_all(&words);
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
            if !block.probes(other).all(|cell| granted(&cell)) {
                return None;
            }
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
fn drop_redundant(blocks: &mut Vec<Block>, granted: &impl Fn(&Cell) -> bool) {
    let mut at = 0;
    while let Some(block) = blocks.get(at).cloned() {
        match takeover(blocks, at, &block, granted) {
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

/// How other blocks can be widened so that together they grant all of `block`, and nothing that isn't granted anyway.
///
/// A block whose other three sides lie within `block`'s may take over `block`'s words on the fourth; and so may one
/// for which all that it would get is granted by other rules of the same scope.
fn takeover(
    blocks: &[Block],
    own: usize,
    block: &Block,
    granted: &impl Fn(&Cell) -> bool,
) -> Option<Vec<(usize, Words, Side)>> {
    let mut open: Vec<Cell> = block.cells().collect();
    let mut chosen = Vec::new();
    let others = || blocks.iter().enumerate().filter(|(index, _)| *index != own);
    for (index, other) in others() {
        open.retain(|cell| !other.has(cell));
        for side in Side::ALL {
            let takes = |cell: &Cell| other.lacks(cell).all(|lack| lack == side);
            if !open.iter().any(takes) {
                continue;
            }
            let mut wider = other.clone();
            wider.widen(side, block.side(side));
            if other.within_but(block, side) || wider.cells().all(|cell| granted(&cell)) {
                open.retain(|cell| !takes(cell));
                chosen.push((index, block.side(side).clone(), side));
                // Two sides widened at once would add their corner too.
                break;
            }
        }
    }
    open.is_empty().then_some(chosen)
}

impl Block {
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
        own.add_all(words);
        let all = side.all();
        if own.contains(&all) {
            *own = Words::of(all);
        }
    }

    /// Some cells of the product of both: enough to see quickly of most pairs that they can't be united.
    fn probes<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = Cell> + 'a {
        let first = |side: Side| self.side(side).iter().next().copied().unwrap_or(NONE);
        let corner =
            move || [first(Side::Groups), first(Side::Resources), first(Side::Names), first(Side::Verbs)];
        Side::ALL.into_iter().filter_map(move |side| {
            let mut cell = corner();
            let [group, resource, name, verb] = &mut cell;
            let place = match side {
                Side::Groups => group,
                Side::Resources => resource,
                Side::Names => name,
                Side::Verbs => verb,
            };
            *place = *other.side(side).iter().find(|word| !self.side(side).contains(word))?;
            Some(cell)
        })
    }

    fn has(&self, cell: &Cell) -> bool {
        self.lacks(cell).next().is_none()
    }

    /// The sides that would have to be widened for a cell.
    fn lacks<'a>(&'a self, cell: &'a Cell) -> impl Iterator<Item = Side> + 'a {
        let [group, resource, name, verb] = cell;
        let words =
            [(Side::Groups, group), (Side::Resources, resource), (Side::Names, name), (Side::Verbs, verb)];
        let lacks = |(side, word): &(Side, &Word)| {
            let words = self.side(*side);
            !words.contains(word) && !words.contains(&side.all())
        };
        words.into_iter().filter(lacks).map(|(side, _)| side)
    }

    fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        let pairs = self.groups.iter().flat_map(|g| self.resources.iter().map(move |r| (g, r)));
        let triples = pairs.flat_map(|(g, r)| self.names.iter().map(move |n| (g, r, n)));
        triples.flat_map(|(g, r, n)| self.verbs.iter().map(move |v| [*g, *r, *n, *v]))
    }
}

impl Vocabulary {
    fn of(set: &PermissionSet) -> Self {
        let mut texts = BTreeSet::new();
        for permission in set.iter() {
            match permission {
                Permission::Resource { group, resource, verb, name, .. } => {
                    texts.extend([group, resource, verb].into_iter().chain(name));
                }
                Permission::NonResource { path, verb } => texts.extend([path, verb]),
            }
        }
        let words: Vec<Arc<str>> = texts.into_iter().filter(|text| **text != *ALL).collect();
        let numbers = words.iter().cloned().zip(FIRST..).collect();
        Self { numbers, words }
    }

    fn number(&self, word: &str) -> Word {
        self.numbers.get(word).copied().unwrap_or(STAR)
    }

    fn word(&self, number: Word) -> Option<Arc<str>> {
        match number {
            NONE => None,
            STAR => Some(ALL.into()),
            other => self.words.get((other - FIRST) as usize).cloned(),
        }
    }

    fn block(&self, permission: &Permission) -> (Scope, Kind, Block) {
        let one = Words::of;
        match permission {
            Permission::Resource { scope, group, resource, verb, name } => {
                let names = one(name.as_ref().map_or(NONE, |name| self.number(name)));
                let (groups, resources) = (one(self.number(group)), one(self.number(resource)));
                let block = Block { groups, resources, names, verbs: one(self.number(verb)) };
                (scope.clone(), Kind::Resource, block)
            }
            Permission::NonResource { path, verb } => {
                let (resources, verbs) = (one(self.number(path)), one(self.number(verb)));
                (Scope::Cluster, Kind::Path, Block { groups: one(NONE), resources, names: one(NONE), verbs })
            }
        }
    }

    fn permission(&self, scope: &Scope, kind: Kind, [group, resource, name, verb]: &Cell) -> Permission {
        let word = |number: &Word| self.word(*number).unwrap_or_else(|| "".into());
        match kind {
            Kind::Path => Permission::NonResource { path: word(resource), verb: word(verb) },
            Kind::Resource => Permission::Resource {
                scope: scope.clone(),
                group: word(group),
                resource: word(resource),
                verb: word(verb),
                name: self.word(*name),
            },
        }
    }

    fn rule(&self, block: &Block, kind: Kind) -> PolicyRule {
        let words = |numbers: &Words| {
            let mut words: Vec<String> =
                numbers.iter().filter_map(|number| self.word(*number)).map(|word| word.to_string()).collect();
            words.sort();
            words
        };
        let mut verbs = words(&block.verbs);
        verbs.sort_by_key(|verb| VERBS.iter().position(|known| known == verb).unwrap_or(VERBS.len()));
        let mut rule = PolicyRule { verbs, ..PolicyRule::default() };
        match kind {
            Kind::Path => rule.non_resource_urls = words(&block.resources),
            Kind::Resource => {
                rule.api_groups = words(&block.groups);
                rule.resources = words(&block.resources);
                rule.resource_names = words(&block.names);
            }
        }
        rule
    }
}
