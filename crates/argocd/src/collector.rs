//! Where the features put what they need.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use facts::{Finding, Gap, Place};
use fleet::Names;
use rbac::Permission;

use crate::{
    Beyond, ClusterContext, Identity, Need, Needs, Operation, Reason, ResourcesFilter, Undecided,
    feature::live_cache, target::Target,
};

/// Gathers needs; each pair of identity and permission once, with all its reasons.
pub(crate) struct Collector<'a> {
    pub(crate) context: &'a ClusterContext<'a>,
    /// What Argo CD leaves out; absent where the setting can't be read, which is among the gaps then.
    pub(crate) filter: Option<ResourcesFilter>,
    needs: BTreeMap<Identity, BTreeMap<Permission, Entry>>,
    findings: BTreeSet<Finding>,
    unknown: BTreeSet<Gap>,
    undecided: BTreeSet<Undecided>,
    words: BTreeSet<Arc<str>>,
}

/// Why one permission is needed.
struct Entry {
    /// By cause, sorted. A list, since most have one cause and a map would keep room for eleven.
    reasons: Vec<(Cause, Objects)>,
    /// What one reason needs exactly as wide isn't beyond the needs.
    beyond: Option<Beyond>,
}

/// What makes two reasons one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Cause {
    operation: Operation,
    application: Option<Arc<str>>,
    setting: Option<Arc<str>>,
}

#[derive(Default)]
struct Objects {
    first: Option<(Option<Place>, Arc<str>)>,
    objects: u32,
}

/// Why something is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Why<'a> {
    pub(crate) operation: Operation,
    /// The setting, option or annotation that switches it on.
    pub(crate) setting: Option<&'a str>,
}

/// Which names of a target a request can carry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// The names of its objects: the request is made for one object.
    Object,
    /// None: RBAC can't limit it (create by POST, list, watch).
    Never,
    /// Objects that are in the manifests no more.
    Pruned,
}

impl Why<'_> {
    pub(crate) fn always(operation: Operation) -> Self {
        Self { operation, setting: None }
    }
}

impl<'a> Collector<'a> {
    pub(crate) fn new(context: &'a ClusterContext<'a>) -> Self {
        let (filter, unknown) = match live_cache::filter(context) {
            Ok(filter) => (Some(filter), BTreeSet::new()),
            Err(gap) => (None, BTreeSet::from([gap])),
        };
        Self {
            context,
            filter,
            needs: BTreeMap::new(),
            findings: BTreeSet::new(),
            unknown,
            undecided: BTreeSet::new(),
            words: BTreeSet::new(),
        }
    }

    pub(crate) fn finding(&mut self, finding: Finding) {
        self.findings.insert(finding);
    }

    pub(crate) fn findings(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    pub(crate) fn unknown(&mut self, gap: Gap) {
        self.unknown.insert(gap);
    }

    pub(crate) fn undecided(&mut self, undecided: Undecided) {
        self.undecided.insert(undecided);
    }

    /// Whether Argo CD leaves a kind out on this cluster.
    pub(crate) fn excludes(&self, group: &str, kind: &str) -> bool {
        self.filter.as_ref().is_some_and(|filter| filter.is_excluded(group, kind, self.context.server))
    }

    /// Verbs on the resource of a target.
    pub(crate) fn on(
        &mut self,
        who: &Identity,
        target: &Target<'_>,
        verbs: &[&str],
        naming: Naming,
        why: Why<'_>,
    ) {
        let plural = Arc::clone(&target.plural);
        self.on_resource(who, target, &plural, verbs, naming, why);
    }

    /// Verbs on a resource (perhaps a subresource) for the objects of a target.
    pub(crate) fn on_resource(
        &mut self,
        who: &Identity,
        target: &Target<'_>,
        resource: &Arc<str>,
        verbs: &[&str],
        naming: Naming,
        why: Why<'_>,
    ) {
        let (names, unnamed) = self.names(target, naming);
        let permissions: Vec<Permission> = verbs
            .iter()
            .map(|verb| Permission::Resource {
                scope: target.scope(),
                group: Arc::clone(&target.group),
                resource: Arc::clone(resource),
                verb: self.word(verb),
                name: None,
            })
            .collect();
        if names {
            for (name, place) in target.names.iter() {
                let object = self.word(&target.object(name));
                for permission in &permissions {
                    let object = Some((place.cloned(), Arc::clone(&object), 1));
                    self.ask(who, permission.clone().named(name), target.application, object, why, None);
                }
            }
        }
        if let Some(beyond) = unnamed {
            let first = target.names.iter().next().map(|(name, place)| (place.cloned(), name));
            let first = target.first.map(|first| (Some(first.place.clone()), &*first.name)).or(first);
            let object = first.map(|(place, name)| (place, self.word(&target.object(name)), target.objects));
            for permission in permissions {
                self.ask(who, permission, target.application, object.clone(), why, beyond);
            }
        }
    }

    /// Whether the names are asked for, and whether (and why) the class without names is.
    fn names(&self, target: &Target<'_>, naming: Naming) -> (bool, Option<Option<Beyond>>) {
        let generated = target.generated > 0;
        let cluster_scoped = target.namespace.is_none();
        match (naming, self.context.names) {
            (Naming::Never, _) => (false, Some(None)),
            (_, Names::Any) => (false, Some(Some(Beyond::NamesNotWanted))),
            (Naming::Pruned, _) if !cluster_scoped => (false, Some(Some(Beyond::PrunedNamesUnknown))),
            (Naming::Object, Names::ClusterScoped) if !cluster_scoped => {
                (false, Some(Some(Beyond::NamesChange)))
            }
            _ => (true, generated.then_some(Some(Beyond::NameIsGenerated))),
        }
    }

    /// One permission, with the object (place, name, how many) that makes it necessary.
    pub(crate) fn ask(
        &mut self,
        who: &Identity,
        permission: Permission,
        application: Option<&Arc<str>>,
        object: Option<(Option<Place>, Arc<str>, u32)>,
        why: Why<'_>,
        beyond: Option<Beyond>,
    ) {
        let setting = why.setting.map(|setting| self.word(setting));
        let cause = Cause { operation: why.operation, application: application.cloned(), setting };
        if !self.needs.contains_key(who) {
            self.needs.insert(who.clone(), BTreeMap::new());
        }
        let Some(needs) = self.needs.get_mut(who) else { return };
        let entry = needs.entry(permission).or_insert_with(|| Entry { reasons: Vec::new(), beyond });
        entry.beyond = entry.beyond.min(beyond);
        let Some(objects) = entry.objects_of(cause) else { return };
        if let Some((place, object, count)) = object {
            objects.objects += count;
            let earlier = |(held, _): &(Option<Place>, Arc<str>)| match (held, &place) {
                (Some(held), Some(place)) => held <= place,
                (held, place) => held.is_some() || place.is_none(),
            };
            if !objects.first.as_ref().is_some_and(earlier) {
                objects.first = Some((place, object));
            }
        }
    }

    /// Of an identity that holds all of these permissions, takes back what it needed for one operation alone, as far as it is
    /// asked for no more.
    pub(crate) fn holding(
        &mut self,
        held: &[Permission],
        operation: Operation,
        is_unasked: impl Fn(&Permission) -> bool,
    ) {
        for needs in self.needs.values_mut() {
            if !held.iter().all(|wanted| needs.keys().any(|own| own.covers(wanted))) {
                continue;
            }
            needs.retain(|permission, entry| {
                if is_unasked(permission) {
                    entry.reasons.retain(|(cause, _)| cause.operation != operation);
                }
                !entry.reasons.is_empty()
            });
        }
    }

    /// Keeps one copy of each word.
    pub(crate) fn word(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.words.get(word) {
            return Arc::clone(known);
        }
        let word: Arc<str> = word.into();
        self.words.insert(Arc::clone(&word));
        word
    }

    pub(crate) fn finish(self) -> Needs {
        let mut lists = BTreeSet::new();
        let mut needs = Vec::with_capacity(self.needs.values().map(BTreeMap::len).sum());
        for (identity, permissions) in self.needs {
            needs.extend(permissions.into_iter().map(|(permission, entry)| Need {
                identity: identity.clone(),
                permission,
                in_rbac: entry.reasons.iter().any(|(cause, _)| cause.operation.counts_in_rbac_alone()),
                beyond: entry.beyond,
                reasons: shared(&mut lists, entry.reasons),
            }));
        }
        Needs {
            needs,
            findings: self.findings.into_iter().collect(),
            unknown: self.unknown.into_iter().collect(),
            undecided: self.undecided.into_iter().collect(),
        }
    }
}

impl Entry {
    fn objects_of(&mut self, cause: Cause) -> Option<&mut Objects> {
        let at = match self.reasons.binary_search_by(|(known, _)| known.cmp(&cause)) {
            Ok(at) => at,
            Err(at) => {
                self.reasons.insert(at, (cause, Objects::default()));
                at
            }
        };
        self.reasons.get_mut(at).map(|(_, objects)| objects)
    }
}

/// The reasons as a list of which there is one copy only: the verbs of one resource mostly have the same ones, and with a
/// thousand clusters reasons would be half of all memory.
fn shared(lists: &mut BTreeSet<Arc<[Reason]>>, by_cause: Vec<(Cause, Objects)>) -> Arc<[Reason]> {
    let mut reasons: Vec<Reason> =
        by_cause.into_iter().map(|(cause, objects)| reason(cause, objects)).collect();
    reasons.sort();
    if let Some(known) = lists.get(reasons.as_slice()) {
        return Arc::clone(known);
    }
    let reasons: Arc<[Reason]> = reasons.into();
    lists.insert(Arc::clone(&reasons));
    reasons
}

fn reason(cause: Cause, objects: Objects) -> Reason {
    let (place, object) = objects.first.map_or((None, None), |(place, object)| (place, Some(object)));
    Reason {
        operation: cause.operation,
        application: cause.application,
        object,
        place,
        objects: objects.objects,
        setting: cause.setting,
    }
}
