//! Needs as a plan keeps them: a large fleet has millions, and as single values they would be most of its memory.

use std::{collections::BTreeSet, sync::Arc};

use argocd::{Beyond, Identity, Need};
use rbac::{Permission, Scope};

/// The needs of one cluster without their reasons, in the order in which they were given.
///
/// In that of [`argocd::needs`] those of one identity in one scope stand together, and so do the verbs of one resource:
/// what they have in common is kept once.
#[derive(Clone, Debug, Default)]
pub struct CompactNeeds {
    sections: Vec<Section>,
    needs: usize,
}

/// Needs of one identity in one scope.
#[derive(Clone, Debug)]
struct Section {
    identity: Identity,
    scope: Scope,
    rows: Vec<Row>,
}

/// Needs that differ by their verb only.
#[derive(Clone, Debug)]
struct Row {
    object: Object,
    in_rbac: bool,
    beyond: Option<Beyond>,
    /// Rows with the same verbs share them.
    verbs: Verbs,
}

type Verbs = Arc<[Arc<str>]>;

/// A permission without scope and verb.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Object {
    Resource { group: Arc<str>, resource: Arc<str>, name: Option<Arc<str>> },
    NonResource { path: Arc<str> },
}

impl CompactNeeds {
    /// How many needs there are.
    pub fn len(&self) -> usize {
        self.needs
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.needs == 0
    }

    /// Every need, with no reasons.
    pub fn iter(&self) -> impl Iterator<Item = Need> {
        self.of(|_| true)
    }

    /// The needs of some identities.
    pub(crate) fn of(&self, wanted: impl Fn(&Identity) -> bool) -> impl Iterator<Item = Need> {
        self.sections.iter().filter(move |section| wanted(&section.identity)).flat_map(Section::needs)
    }

    /// Whoever needs anything.
    pub(crate) fn identities(&self) -> BTreeSet<&Identity> {
        self.sections.iter().map(|section| &section.identity).collect()
    }

    fn add(&mut self, identity: Identity, scope: Scope, row: Row) {
        self.needs += row.verbs.len();
        match self.sections.last_mut() {
            Some(last) if last.identity == identity && last.scope == scope => last.rows.push(row),
            _ => self.sections.push(Section { identity, scope, rows: vec![row] }),
        }
    }
}

impl Section {
    fn needs(&self) -> impl Iterator<Item = Need> {
        let none = Arc::default();
        let verbs = self.rows.iter().flat_map(|row| row.verbs.iter().map(move |verb| (row, verb)));
        verbs.map(move |(row, verb)| Need {
            identity: self.identity.clone(),
            permission: row.object.permission(&self.scope, verb),
            reasons: Arc::clone(&none),
            in_rbac: row.in_rbac,
            beyond: row.beyond,
        })
    }
}

impl Object {
    fn of(permission: Permission) -> (Scope, Self, Arc<str>) {
        match permission {
            Permission::Resource { scope, group, resource, verb, name } => {
                (scope, Self::Resource { group, resource, name }, verb)
            }
            Permission::NonResource { path, verb } => (Scope::Cluster, Self::NonResource { path }, verb),
        }
    }

    fn permission(&self, scope: &Scope, verb: &Arc<str>) -> Permission {
        let verb = Arc::clone(verb);
        match self.clone() {
            Self::Resource { group, resource, name } => {
                Permission::Resource { scope: scope.clone(), group, resource, verb, name }
            }
            Self::NonResource { path } => Permission::NonResource { path, verb },
        }
    }
}

impl FromIterator<Need> for CompactNeeds {
    fn from_iter<I: IntoIterator<Item = Need>>(needs: I) -> Self {
        let parts = needs.into_iter().map(|Need { identity, permission, in_rbac, beyond, .. }| {
            let (scope, object, verb) = Object::of(permission);
            ((identity, scope, object, in_rbac, beyond), verb)
        });
        let mut parts = parts.peekable();
        let mut compact = Self::default();
        let mut known: BTreeSet<Verbs> = BTreeSet::new();
        let mut verbs: Vec<Arc<str>> = Vec::new();
        while let Some((common, first)) = parts.next() {
            verbs.push(first);
            while let Some((_, verb)) = parts.next_if(|(other, _)| *other == common) {
                verbs.push(verb);
            }
            let shared = known.get(verbs.as_slice()).cloned();
            let shared = shared.unwrap_or_else(|| verbs.as_slice().into());
            known.insert(Arc::clone(&shared));
            verbs.clear();
            let (identity, scope, object, in_rbac, beyond) = common;
            compact.add(identity, scope, Row { object, in_rbac, beyond, verbs: shared });
        }
        compact.sections.iter_mut().for_each(|section| section.rows.shrink_to_fit());
        compact.sections.shrink_to_fit();
        compact
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(identity: Identity, permission: Permission, beyond: Option<Beyond>) -> Need {
        Need { identity, permission, reasons: Arc::default(), in_rbac: false, beyond }
    }

    #[test]
    fn every_need_comes_out_again_in_its_place() {
        let pods = |verb| Permission::resource(Scope::of(Some("web")), "", "pods", verb);
        let needs = [
            need(Identity::Controller, Permission::path("get", "/version"), None),
            need(Identity::Controller, pods("create"), None),
            Need { in_rbac: true, ..need(Identity::Controller, pods("get"), None) },
            need(Identity::Controller, pods("list"), Some(Beyond::CacheReadsEverything)),
            need(Identity::Controller, pods("patch").named("a"), None),
            need(Identity::Controller, pods("patch").named("b"), None),
            need(Identity::Server, pods("get"), None),
        ];
        let compact: CompactNeeds = needs.iter().cloned().collect();
        assert_eq!(compact.iter().collect::<Vec<_>>(), needs);
        assert_eq!(compact.len(), needs.len());
        let rows: Vec<usize> = compact.sections.iter().map(|section| section.rows.len()).collect();
        assert_eq!(rows, [1, 5, 1]);
        assert_eq!(compact.of(|identity| *identity == Identity::Server).count(), 1);
        assert_eq!(compact.identities().len(), 2);
    }
}
