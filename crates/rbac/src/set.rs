//! What somebody may do, as a set of permissions.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use facts::Verdict;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    Permission, PolicyRule, Request, Scope,
    pattern::{self, ALL},
    witness,
};

/// A set of requests, kept as the widest permissions that make it up.
///
/// No member covers another, and that form is unique: two sets are equal exactly if they allow the same requests.
/// Kept by group, resource, verb and scope, so that a question about one permission costs a few look-ups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PermissionSet {
    groups: BTreeMap<Arc<str>, Resources>,
    /// Verb → paths.
    paths: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
}

type Resources = BTreeMap<Arc<str>, Verbs>;
type Verbs = BTreeMap<Arc<str>, Scopes>;
type Scopes = BTreeMap<Scope, Names>;
/// Group, resource and verb, and what is held under them.
type Slot<'a> = (&'a Arc<str>, &'a Arc<str>, &'a Arc<str>, &'a Scopes);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Names {
    Any,
    Only(BTreeSet<Arc<str>>),
}

/// The fields of [`Permission::Resource`], borrowed.
#[derive(Clone, Copy)]
struct Atom<'a> {
    scope: &'a Scope,
    group: &'a Arc<str>,
    resource: &'a Arc<str>,
    verb: &'a Arc<str>,
    name: Option<&'a Arc<str>>,
}

impl PermissionSet {
    /// The set that allows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The set that allows every request, as `system:masters` and the ClusterRole `cluster-admin` have it.
    pub fn everything() -> Self {
        [Permission::resource(Scope::Cluster, ALL, ALL, ALL), Permission::path(ALL, ALL)]
            .into_iter()
            .collect()
    }

    /// What rules grant when bound in a scope.
    pub fn of_rules<'a>(scope: &Scope, rules: impl IntoIterator<Item = &'a PolicyRule>) -> Self {
        let mut set = Self::new();
        for rule in rules {
            set.insert_rule(scope, rule);
        }
        set
    }

    /// Adds what a rule grants when bound in a scope; paths only at cluster scope, as Kubernetes has it.
    pub fn insert_rule(&mut self, scope: &Scope, rule: &PolicyRule) {
        if !rule.is_plain() {
            for permission in rule.permissions(scope) {
                self.insert(permission);
            }
            return;
        }
        let names: Vec<Option<&str>> = match rule.resource_names.as_slice() {
            [] => vec![None],
            names => names.iter().map(|name| Some(name.as_str())).collect(),
        };
        for (group, resource) in
            rule.api_groups.iter().flat_map(|g| rule.resources.iter().map(move |r| (g.as_str(), r.as_str())))
        {
            self.insert_plain(scope, [group, resource], &rule.verbs, &names);
        }
    }

    /// Adds what has no wildcard, and so covers nothing under other words: most of all rules, of which a fleet has hundreds of thousands. Words
    /// that the set has already are not made anew.
    fn insert_plain(
        &mut self,
        scope: &Scope,
        [group, resource]: [&str; 2],
        verbs: &[String],
        names: &[Option<&str>],
    ) {
        let wider: Vec<&Verbs> =
            self.covering_resources(group, resource).map(|(_, _, verbs)| verbs).collect();
        let is_held = |verb: &str, name: Option<&str>| {
            wider
                .iter()
                .flat_map(|verbs| covering_verbs(verbs, verb))
                .any(|(_, scopes)| holds(scopes, scope, name))
        };
        let pairs = verbs.iter().flat_map(|verb| names.iter().map(move |name| (verb.as_str(), *name)));
        let new: Vec<_> = pairs.filter(|(verb, name)| !is_held(verb, *name)).collect();
        if new.is_empty() {
            return;
        }
        let slot = entry(entry(&mut self.groups, group), resource);
        for (verb, name) in new {
            let scopes = entry(slot, verb);
            drop_covered(scopes, scope, name);
            let own = scopes.entry(scope.clone()).or_insert_with(|| Names::Only(BTreeSet::new()));
            own.add(name.map(Arc::from));
        }
    }

    /// Adds a permission; says whether the set became wider by it.
    pub fn insert(&mut self, permission: Permission) -> bool {
        if self.contains(&permission) {
            return false;
        }
        match permission {
            Permission::Resource { scope, group, resource, verb, name } => {
                self.drop_narrower(Atom {
                    scope: &scope,
                    group: &group,
                    resource: &resource,
                    verb: &verb,
                    name: name.as_ref(),
                });
                let scopes = self.groups.entry(group).or_default().entry(resource).or_default().entry(verb);
                scopes.or_default().entry(scope).or_insert_with(|| Names::Only(BTreeSet::new())).add(name);
            }
            Permission::NonResource { path, verb } => self.insert_path(path, verb),
        }
        true
    }

    /// Whether every request of this permission is allowed.
    pub fn contains(&self, permission: &Permission) -> bool {
        match permission {
            Permission::Resource { scope, group, resource, verb, name } => {
                self.contains_atom(Atom { scope, group, resource, verb, name: name.as_ref() })
            }
            Permission::NonResource { path, verb } => [&**verb, ALL]
                .into_iter()
                .filter_map(|verb| self.paths.get(verb))
                .flatten()
                .any(|held| pattern::path_covers(held, path)),
        }
    }

    /// Whether a request is allowed.
    pub fn allows(&self, request: &Request) -> bool {
        let permission = Permission::from(request);
        // `resourceNames: [""]` is legal and matches exactly the requests without name.
        let unnamed = matches!(&permission, Permission::Resource { name: None, .. });
        self.contains(&permission) || unnamed && self.contains(&permission.named(""))
    }

    /// Whether this set allows all that `other` allows; if not, one request that `other` allows and this doesn't.
    pub fn covers(&self, other: &Self) -> Verdict<Permission> {
        match other.iter().find(|permission| !self.contains(permission)) {
            None => Verdict::Holds,
            Some(permission) => Verdict::Violated { witness: witness::outside(self, &permission) },
        }
    }

    /// Whether this set allows every request.
    pub fn is_everything(&self) -> bool {
        self.covers(&Self::everything()).holds()
    }

    /// All that either allows.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let (mut wide, narrow) =
            if self.len() < other.len() { (other.clone(), self) } else { (self.clone(), other) };
        wide.extend(narrow.iter());
        wide
    }

    /// The members of this set that `other` doesn't cover.
    ///
    /// A member that `other` covers in part stays whole: RBAC has no words for "all but". So the result holds all
    /// requests that only this set allows, and is empty exactly if `other` covers this set.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.iter().filter(|permission| !other.contains(permission)).collect()
    }

    /// The requests that both allow, exactly.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut both = Self::new();
        for permission in other.iter() {
            both.extend(self.overlap(&permission));
        }
        both
    }

    /// Whether there is a request that both allow.
    pub fn intersects(&self, other: &Self) -> bool {
        other.iter().any(|permission| !self.overlap(&permission).is_empty())
    }

    /// The part of this set that lies within one permission, one entry for each member that reaches into it.
    pub fn overlap(&self, permission: &Permission) -> Vec<Permission> {
        self.touching(permission).iter().filter_map(|held| held.meet(permission)).collect()
    }

    /// The members, whole, that allow at least one request of a permission.
    pub fn touching(&self, permission: &Permission) -> Vec<Permission> {
        match permission {
            Permission::Resource { group, resource, verb, .. } => {
                let all = pattern::any_with(resource).is_some();
                let slots = wider(&self.groups, group, false)
                    .flat_map(move |(g, resources)| {
                        let any = pattern::subresource(resource).map(|sub| format!("*/{sub}"));
                        let extra =
                            any.filter(|_| !all).and_then(|any| resources.get_key_value(any.as_str()));
                        wider(resources, resource, all).chain(extra).map(move |(r, verbs)| (g, r, verbs))
                    })
                    .flat_map(|(g, r, verbs)| {
                        wider(verbs, verb, false).map(move |(v, scopes)| (g, r, v, scopes))
                    });
                slots
                    .flat_map(|(g, r, v, scopes)| members(g, r, v, scopes))
                    .filter(|held| held.meet(permission).is_some())
                    .collect()
            }
            Permission::NonResource { .. } => {
                self.path_members().filter(|held| held.meet(permission).is_some()).collect()
            }
        }
    }

    /// The members, whole, whose words cover these, wherever they hold and for which names.
    pub(crate) fn with_words(&self, group: &str, resource: &str, verb: &str) -> Vec<Permission> {
        let slots = self.covering(group, resource, verb);
        slots.flat_map(|(g, r, v, scopes)| members(g, r, v, scopes)).collect()
    }

    /// The members, ordered by group, resource, verb, scope and name; paths last.
    pub fn iter(&self) -> impl Iterator<Item = Permission> + '_ {
        let resources = self.groups.iter().flat_map(|(g, resources)| {
            resources.iter().flat_map(move |(r, verbs)| {
                verbs.iter().flat_map(move |(v, scopes)| members(g, r, v, scopes))
            })
        });
        resources.chain(self.path_members())
    }

    /// How many members it has; not how many requests it allows.
    pub fn len(&self) -> usize {
        let scopes = self.groups.values().flat_map(BTreeMap::values).flat_map(BTreeMap::values);
        let resources = scopes.flat_map(BTreeMap::values).map(Names::len).sum::<usize>();
        resources + self.paths.values().map(BTreeSet::len).sum::<usize>()
    }

    /// Whether it allows nothing.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.paths.is_empty()
    }

    fn contains_atom(&self, atom: Atom<'_>) -> bool {
        let name = atom.name.map(|name| &**name);
        self.covering(atom.group, atom.resource, atom.verb)
            .any(|(.., scopes)| holds(scopes, atom.scope, name))
    }

    /// The scopes under each words that cover these. Words that are wildcards themselves come more than once.
    fn covering<'a>(&'a self, group: &str, resource: &str, verb: &str) -> impl Iterator<Item = Slot<'a>> {
        self.covering_resources(group, resource).flat_map(move |(g, r, verbs)| {
            covering_verbs(verbs, verb).map(move |(v, scopes)| (g, r, v, scopes))
        })
    }

    /// The verbs under each group and resource that cover these.
    fn covering_resources<'a>(
        &'a self,
        group: &str,
        resource: &str,
    ) -> impl Iterator<Item = (&'a Arc<str>, &'a Arc<str>, &'a Verbs)> {
        let any = pattern::subresource(resource).map(|sub| format!("*/{sub}"));
        let groups = [group, ALL].into_iter().filter_map(|word| self.groups.get_key_value(word));
        groups.flat_map(move |(g, resources)| {
            let any = any.as_deref().and_then(|any| resources.get_key_value(any));
            let exact = [resource, ALL].into_iter().filter_map(|word| resources.get_key_value(word));
            exact.chain(any).map(move |(r, verbs)| (g, r, verbs))
        })
    }

    fn path_members(&self) -> impl Iterator<Item = Permission> + '_ {
        self.paths.iter().flat_map(|(verb, paths)| {
            paths.iter().map(|path| Permission::NonResource { path: path.clone(), verb: verb.clone() })
        })
    }

    fn insert_path(&mut self, path: Arc<str>, verb: Arc<str>) {
        let path = pattern::prefix(&path).map_or_else(|| path.clone(), |start| format!("{start}*").into());
        self.paths.retain(|held, paths| {
            if pattern::word_covers(&verb, held) {
                paths.retain(|narrow| !pattern::path_covers(&path, narrow));
            }
            !paths.is_empty()
        });
        self.paths.entry(verb).or_default().insert(path);
    }

    fn drop_narrower(&mut self, atom: Atom<'_>) {
        let name = atom.name.map(|name| &**name);
        retain(
            &mut self.groups,
            atom.group,
            |_| false,
            |resources| {
                let any = pattern::any_with(atom.resource);
                let covered = |r: &str| any.is_some() && pattern::subresource(r) == any;
                retain(resources, atom.resource, covered, |verbs| {
                    retain(
                        verbs,
                        atom.verb,
                        |_| false,
                        |scopes| {
                            drop_covered(scopes, atom.scope, name);
                            !scopes.is_empty()
                        },
                    );
                    !verbs.is_empty()
                });
                !resources.is_empty()
            },
        );
    }
}

impl Names {
    fn len(&self) -> usize {
        match self {
            Self::Any => 1,
            Self::Only(names) => names.len(),
        }
    }

    fn covers(&self, name: Option<&str>) -> bool {
        match (self, name) {
            (Self::Any, _) => true,
            (Self::Only(_), None) => false,
            (Self::Only(names), Some(name)) => names.contains(name),
        }
    }

    fn add(&mut self, name: Option<Arc<str>>) {
        match (&mut *self, name) {
            (_, None) => *self = Self::Any,
            (Self::Only(names), Some(name)) => _ = names.insert(name),
            (Self::Any, Some(_)) => {}
        }
    }

    /// Drops what `name` covers; says whether anything is left.
    fn keep_outside(&mut self, name: Option<&str>) -> bool {
        match (self, name) {
            (_, None) => false,
            (Self::Any, Some(_)) => true,
            (Self::Only(names), Some(name)) => {
                names.remove(name);
                !names.is_empty()
            }
        }
    }
}

/// The scopes under each verb that covers one.
fn covering_verbs<'a>(verbs: &'a Verbs, verb: &str) -> impl Iterator<Item = (&'a Arc<str>, &'a Scopes)> {
    [verb, ALL].into_iter().filter_map(|word| verbs.get_key_value(word))
}

/// Whether a name is held in a scope.
fn holds(scopes: &Scopes, scope: &Scope, name: Option<&str>) -> bool {
    let there = [scope, &Scope::Cluster].into_iter().filter_map(|scope| scopes.get(scope));
    there.into_iter().any(|names| names.covers(name))
}

/// Drops what a name in a scope covers: what holds everywhere leaves nothing to be said of namespaces.
fn drop_covered(scopes: &mut Scopes, scope: &Scope, name: Option<&str>) {
    if *scope == Scope::Cluster {
        scopes.retain(|_, names| names.keep_outside(name));
    } else if scopes.get_mut(scope).is_some_and(|names| !names.keep_outside(name)) {
        scopes.remove(scope);
    }
}

/// The value of a word, made where there is none.
fn entry<'m, V: Default>(map: &'m mut BTreeMap<Arc<str>, V>, word: &str) -> &'m mut V {
    let key = map.get_key_value(word).map_or_else(|| word.into(), |(key, _)| Arc::clone(key));
    map.entry(key).or_default()
}

/// The entries under `word` and `*`; under every word if it is `*` itself, or if `all` are wanted.
fn wider<'a, V>(
    map: &'a BTreeMap<Arc<str>, V>,
    word: &str,
    all: bool,
) -> impl Iterator<Item = (&'a Arc<str>, &'a V)> + use<'a, V> {
    let every = all || word == ALL;
    let some = [map.get_key_value(word), map.get_key_value(ALL)];
    let some = some.into_iter().flatten().filter(move |_| !every);
    map.iter().filter(move |_| every).chain(some)
}

/// Applies `keep` to the entries that `word` covers, and drops those that it empties.
fn retain<V>(
    map: &mut BTreeMap<Arc<str>, V>,
    word: &str,
    also: impl Fn(&str) -> bool,
    mut keep: impl FnMut(&mut V) -> bool,
) {
    if word == ALL || word.starts_with("*/") {
        map.retain(|key, value| !(pattern::word_covers(word, key) || also(key)) || keep(value));
    } else if map.get_mut(word).is_some_and(|value| !keep(value)) {
        map.remove(word);
    }
}

fn members<'a>(
    group: &'a Arc<str>,
    resource: &'a Arc<str>,
    verb: &'a Arc<str>,
    scopes: &'a Scopes,
) -> impl Iterator<Item = Permission> + 'a {
    scopes.iter().flat_map(move |(scope, names)| {
        let (any, only) = match names {
            Names::Any => (Some(None), None),
            Names::Only(names) => (None, Some(names.iter().cloned().map(Some))),
        };
        any.into_iter().chain(only.into_iter().flatten()).map(move |name| Permission::Resource {
            scope: scope.clone(),
            group: group.clone(),
            resource: resource.clone(),
            verb: verb.clone(),
            name,
        })
    })
}

impl Extend<Permission> for PermissionSet {
    fn extend<T: IntoIterator<Item = Permission>>(&mut self, permissions: T) {
        for permission in permissions {
            self.insert(permission);
        }
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<T: IntoIterator<Item = Permission>>(permissions: T) -> Self {
        let mut set = Self::new();
        set.extend(permissions);
        set
    }
}

/// As the list of its members.
impl Serialize for PermissionSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for PermissionSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<Permission>::deserialize(deserializer).map(|permissions| permissions.into_iter().collect())
    }
}
