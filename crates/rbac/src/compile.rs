//! One identity's rules as hash tables: millions of decisions a second.

use std::collections::HashMap;

use facts::{Gap, Outcome};
use foldhash::fast::FixedState;

use crate::{By, Identity, Policy, PolicyRule, Request, Target, pattern, policy::Grant};

/// What one identity may do, ready for many decisions.
///
/// All words of the rules are numbered; a rule is kept under each of its combinations of scope, verb, group and
/// resource, wildcards included. A decision numbers the request's words and looks up the combinations of exact
/// words and wildcards that exist (`shapes`), at most 24. Nothing is allocated.
#[derive(Clone, Debug)]
pub struct Compiled {
    master: bool,
    words: HashMap<Box<str>, Word, FixedState>,
    /// Which combinations of exact words and wildcards have entries at all, one bit each.
    shapes: u32,
    table: HashMap<Key, Slot, FixedState>,
    /// By verb and path.
    paths: HashMap<(Word, Word), u32, FixedState>,
    /// Verb and start of the path.
    prefixes: Vec<(Word, Box<str>, u32)>,
    /// What a rule's number stands for, in the order in which Kubernetes asks the rules.
    by: Vec<By>,
    missing: Vec<Gap>,
}

/// The number of a word.
type Word = u32;

/// `*`, and the scope of the whole cluster.
const ANY: Word = 0;
/// The lack of a subresource.
const NONE: Word = 1;
/// A word that no rule mentions: nothing is kept under it.
const UNHEARD: Word = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    scope: Word,
    verb: Word,
    group: Word,
    resource: Word,
    subresource: Word,
}

/// The first rule for any name, and the first for each name, by the name's number.
#[derive(Clone, Debug, Default)]
struct Slot {
    any: Option<u32>,
    named: Vec<(Word, u32)>,
}

/// Prepares one identity's decisions.
pub fn compile(policy: &Policy, identity: &Identity) -> Compiled {
    let mut compiled = Compiled {
        master: identity.is_master(),
        words: HashMap::with_hasher(FixedState::default()),
        shapes: 0,
        table: HashMap::with_hasher(FixedState::default()),
        paths: HashMap::with_hasher(FixedState::default()),
        prefixes: Vec::new(),
        by: Vec::new(),
        missing: policy.unknown(identity),
    };
    for grant in policy.grants(identity) {
        compiled.add_grant(&grant);
    }
    compiled
}

impl Compiled {
    /// Whether RBAC allows a request, and which rule says so first: what [`authorize`](crate::authorize()) answers.
    pub fn decide(&self, request: &Request) -> Outcome<&By> {
        if self.master {
            return Outcome::Allowed { by: &By::Masters };
        }
        let first = match &request.target {
            Target::NonResource { path } => self.first_on_path(&request.verb, path),
            Target::Resource { .. } => self.first_on_resource(request),
        };
        match first.and_then(|rule| self.by.get(rule as usize)) {
            Some(by) => Outcome::Allowed { by },
            None if self.missing.is_empty() => Outcome::NotAllowed,
            None => Outcome::Unknown { missing: self.missing.clone() },
        }
    }

    fn first_on_resource(&self, request: &Request) -> Option<u32> {
        let Target::Resource { group, resource, subresource, namespace, name } = &request.target else {
            return None;
        };
        let key = Key {
            scope: namespace.as_deref().map_or(UNHEARD, |namespace| self.word(namespace)),
            verb: self.word(&request.verb),
            group: self.word(group),
            resource: self.word(resource),
            subresource: match subresource.as_deref() {
                None | Some("") => NONE,
                Some(sub) => self.word(sub),
            },
        };
        let mut name_word = None;
        let mut first: Option<u32> = None;
        let mut shapes = self.shapes;
        while shapes != 0 {
            let shape = shapes.trailing_zeros();
            shapes &= shapes - 1;
            let Some(slot) = key.widened(shape).and_then(|key| self.table.get(&key)) else { continue };
            let named = if slot.named.is_empty() {
                None
            } else {
                let name = *name_word.get_or_insert_with(|| self.word(name.as_deref().unwrap_or_default()));
                slot.named_first(name)
            };
            for rule in [slot.any, named].into_iter().flatten() {
                first = Some(first.map_or(rule, |first| first.min(rule)));
            }
        }
        first
    }

    fn first_on_path(&self, verb: &str, path: &str) -> Option<u32> {
        let (verb, whole) = (self.word(verb), self.word(path));
        let exact = [ANY, verb].into_iter().filter_map(|verb| self.paths.get(&(verb, whole)).copied());
        let prefix = self
            .prefixes
            .iter()
            .filter(|(held, start, _)| (*held == ANY || *held == verb) && path.starts_with(&**start));
        exact.chain(prefix.map(|(_, _, rule)| *rule)).min()
    }

    fn word(&self, text: &str) -> Word {
        self.words.get(text).copied().unwrap_or(UNHEARD)
    }

    fn number(&mut self, text: &str) -> Word {
        let next = UNHEARD + 1 + Word::try_from(self.words.len()).unwrap_or(Word::MAX - UNHEARD - 1);
        *self.words.entry(text.into()).or_insert(next)
    }

    fn number_or_any(&mut self, text: &str) -> Word {
        if text == pattern::ALL { ANY } else { self.number(text) }
    }

    fn add_grant(&mut self, grant: &Grant<'_>) {
        let scope = grant.binding.namespace.as_deref().map_or(ANY, |namespace| self.number(namespace));
        for (index, rule) in grant.role.iter().flat_map(|role| role.rules.iter().enumerate()) {
            let number = u32::try_from(self.by.len()).unwrap_or(u32::MAX);
            self.by.push(By::rule(grant, index));
            self.add_rule(scope, rule, number);
            if scope == ANY {
                self.add_paths(rule, number);
            }
        }
    }

    fn add_rule(&mut self, scope: Word, rule: &PolicyRule, number: u32) {
        let verbs: Vec<Word> = rule.verbs.iter().map(|verb| self.number_or_any(verb)).collect();
        let groups: Vec<Word> = rule.api_groups.iter().map(|group| self.number_or_any(group)).collect();
        let names: Vec<Word> = rule.resource_names.iter().map(|name| self.number(name)).collect();
        for written in &rule.resources {
            let (resource, subresource) = self.number_resource(written);
            for (&verb, &group) in verbs.iter().flat_map(|verb| groups.iter().map(move |group| (verb, group)))
            {
                let key = Key { scope, verb, group, resource, subresource };
                self.shapes |= 1 << key.shape();
                self.table.entry(key).or_default().add(&names, number);
            }
        }
    }

    fn number_resource(&mut self, written: &str) -> (Word, Word) {
        match (written, pattern::any_with(written), written.split_once('/')) {
            (pattern::ALL, _, _) => (ANY, ANY),
            (_, Some(sub), _) => (ANY, self.number(sub)),
            (_, _, Some((resource, sub))) => (self.number(resource), self.number(sub)),
            _ => (self.number(written), NONE),
        }
    }

    fn add_paths(&mut self, rule: &PolicyRule, number: u32) {
        for verb in &rule.verbs {
            let verb = self.number_or_any(verb);
            for path in &rule.non_resource_urls {
                if let Some(start) = pattern::prefix(path) {
                    self.prefixes.push((verb, start.into(), number));
                } else {
                    let path = self.number(path);
                    self.paths.entry((verb, path)).or_insert(number);
                }
            }
        }
    }
}

impl Key {
    const ANY_SCOPE: u32 = 1;
    const ANY_VERB: u32 = 2;
    const ANY_GROUP: u32 = 4;
    /// `*/scale`
    const ANY_WITH: u32 = 8;
    /// `*`
    const ANY_RESOURCE: u32 = 16;

    /// Which of its words are wildcards: the number of a bit in [`Compiled::shapes`].
    fn shape(self) -> u32 {
        let resource = match (self.resource, self.subresource) {
            (ANY, ANY) => Self::ANY_RESOURCE,
            (ANY, _) => Self::ANY_WITH,
            _ => 0,
        };
        resource
            | if self.scope == ANY { Self::ANY_SCOPE } else { 0 }
            | if self.verb == ANY { Self::ANY_VERB } else { 0 }
            | if self.group == ANY { Self::ANY_GROUP } else { 0 }
    }

    /// The key of this shape that matches a request with these words.
    fn widened(mut self, shape: u32) -> Option<Self> {
        if shape & Self::ANY_SCOPE != 0 {
            self.scope = ANY;
        }
        if shape & Self::ANY_VERB != 0 {
            self.verb = ANY;
        }
        if shape & Self::ANY_GROUP != 0 {
            self.group = ANY;
        }
        if shape & Self::ANY_WITH != 0 {
            if self.subresource == NONE {
                return None;
            }
            self.resource = ANY;
        }
        if shape & Self::ANY_RESOURCE != 0 {
            (self.resource, self.subresource) = (ANY, ANY);
        }
        Some(self)
    }
}

impl Slot {
    fn add(&mut self, names: &[Word], rule: u32) {
        if names.is_empty() {
            self.any.get_or_insert(rule);
        }
        for &name in names {
            if let Err(at) = self.named.binary_search_by_key(&name, |(name, _)| *name) {
                self.named.insert(at, (name, rule));
            }
        }
    }

    fn named_first(&self, name: Word) -> Option<u32> {
        let at = self.named.binary_search_by_key(&name, |(name, _)| *name).ok()?;
        self.named.get(at).map(|(_, rule)| *rule)
    }
}
