//! Needs as people read them: one row for each identity, place and resource.

use std::collections::{BTreeMap, BTreeSet};

use argocd::{Identity, Need, Operation};
use facts::Place;
use rbac::{Permission, Scope};

/// What one identity may do with one resource in one scope, on the same names.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) identity: Identity,
    pub(crate) scope: Scope,
    /// `deployments.apps`, as kubectl names resources; for paths the first of them.
    pub(crate) resource: String,
    /// Paths outside the resource API; empty for a resource.
    pub(crate) paths: Vec<String>,
    pub(crate) verbs: Vec<String>,
    /// Empty: any.
    pub(crate) names: Vec<String>,
    pub(crate) operations: BTreeSet<Operation>,
    pub(crate) applications: BTreeSet<String>,
    pub(crate) place: Option<Place>,
}

/// All needs as rows, sorted by identity, scope and resource.
pub(crate) fn rows<'n>(needs: impl IntoIterator<Item = &'n Need>) -> Vec<Row> {
    let mut by_verb: BTreeMap<(Identity, Scope, String, String), Vec<&Need>> = BTreeMap::new();
    for need in needs {
        let key =
            (need.identity.clone(), need.permission.scope().clone(), resource(&need.permission), verb(need));
        by_verb.entry(key).or_default().push(need);
    }
    let mut rows: BTreeMap<(Identity, Scope, String, Vec<String>), Row> = BTreeMap::new();
    for ((identity, scope, resource, verb), needs) in by_verb {
        let names = names(&needs);
        let row = rows
            .entry((identity.clone(), scope.clone(), resource.clone(), names.clone()))
            .or_insert_with(|| Row {
                identity,
                scope,
                paths: if resource.starts_with('/') { vec![resource.clone()] } else { Vec::new() },
                resource,
                verbs: Vec::new(),
                names,
                operations: BTreeSet::new(),
                applications: BTreeSet::new(),
                place: None,
            });
        row.verbs.push(verb);
        needs.iter().for_each(|need| row.explain(need));
    }
    let mut rows: Vec<Row> = rows.into_values().collect();
    rows.iter_mut().for_each(|row| row.verbs.sort_by_key(|verb| customary(verb)));
    together(rows)
}

/// Paths that one identity asks for in the same way and for the same reason are one row: nobody reads eight.
fn together(rows: Vec<Row>) -> Vec<Row> {
    let mut all: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        let same = |other: &&mut Row| !row.paths.is_empty() && other.is_like(&row);
        match all.iter_mut().find(same) {
            Some(first) => first.paths.extend(row.paths),
            None => all.push(row),
        }
    }
    all
}

impl Row {
    fn is_like(&self, other: &Self) -> bool {
        !self.paths.is_empty()
            && self.identity == other.identity
            && self.verbs == other.verbs
            && self.operations == other.operations
            && self.place == other.place
    }

    fn explain(&mut self, need: &Need) {
        for reason in need.reasons.iter() {
            self.operations.insert(reason.operation);
            self.applications.extend(reason.application.as_deref().map(str::to_owned));
            let place = reason.place.iter().chain(&self.place).min().cloned();
            self.place = place;
        }
    }

    /// The namespace, or `*` for the whole cluster.
    pub(crate) fn scope(&self) -> String {
        self.scope.namespace().unwrap_or("*").to_owned()
    }

    /// The verbs in their customary order.
    pub(crate) fn verbs(&self) -> String {
        self.verbs.join(",")
    }

    /// The names, cut short when there are many; nothing where any name will do, as in most rows.
    pub(crate) fn names(&self) -> String {
        match self.names.as_slice() {
            [] => String::new(),
            [a, b, c, rest @ ..] if rest.len() > 1 => format!("{a}, {b}, {c}, … ({} more)", rest.len()),
            names => names.join(", "),
        }
    }

    /// The resource, or the paths, cut short when there are many.
    pub(crate) fn resource(&self) -> String {
        match self.paths.as_slice() {
            [] => self.resource.clone(),
            [a, b, rest @ ..] if rest.len() > 1 => format!("{a}, {b}, … ({} paths)", self.paths.len()),
            paths => paths.join(", "),
        }
    }

    /// Why, in a few words: `ui-get/patch/delete` is short for three operations.
    ///
    /// A dry run is a part of each kind of apply, so it isn't said beside one.
    pub(crate) fn why(&self) -> String {
        let applies = self.operations.iter().any(|operation| word(*operation).ends_with("-apply"));
        let words = self.operations.iter().map(|operation| word(*operation));
        let mut told: Vec<String> = Vec::new();
        for word in words.filter(|word| !applies || word != "dry-run") {
            let ui = word.strip_prefix("ui-");
            match (ui, told.last_mut().filter(|last| last.starts_with("ui-"))) {
                (Some(rest), Some(last)) => *last = format!("{last}/{rest}"),
                _ => told.push(word),
            }
        }
        told.join(", ")
    }

    /// The first place that asks for it, without what all places have in common.
    pub(crate) fn place(&self, folder: &str) -> String {
        let Some(place) = &self.place else { return String::new() };
        let file = place.file.strip_prefix(folder).unwrap_or(&place.file);
        format!("{file}:{}", place.line)
    }
}

/// What the places of all rows have in common: their one file, or a folder with its slash; empty if there is neither.
pub(crate) fn common_folder<'r>(rows: impl IntoIterator<Item = &'r Row>) -> String {
    let mut files = rows.into_iter().filter_map(|row| Some(row.place.as_ref()?.file.to_string()));
    let first = files.next().unwrap_or_default();
    files.fold(first, |common, file| {
        let same = common.split_inclusive('/').zip(file.split_inclusive('/')).take_while(|(a, b)| a == b);
        same.map(|(part, _)| part).collect()
    })
}

fn names(needs: &[&Need]) -> Vec<String> {
    let name = |need: &&Need| match &need.permission {
        Permission::Resource { name, .. } => name.as_deref().map(str::to_owned),
        Permission::NonResource { .. } => None,
    };
    let names: Option<BTreeSet<String>> = needs.iter().map(name).collect();
    names.unwrap_or_default().into_iter().collect()
}

fn verb(need: &Need) -> String {
    need.permission.verb().to_string()
}

/// `deployments.apps`, `pods/log`, `*.*` or a path.
pub(crate) fn resource(permission: &Permission) -> String {
    match permission {
        Permission::Resource { group, resource, .. } if group.is_empty() => resource.to_string(),
        Permission::Resource { group, resource, .. } => match resource.split_once('/') {
            Some((resource, sub)) => format!("{resource}.{group}/{sub}"),
            None => format!("{resource}.{group}"),
        },
        Permission::NonResource { path, .. } => path.to_string(),
    }
}

/// The operation's kebab-case name, as in JSON.
pub(crate) fn word(operation: Operation) -> String {
    match serde_json::to_value(operation) {
        Ok(serde_json::Value::String(word)) => word,
        _ => format!("{operation:?}"),
    }
}

fn customary(verb: &str) -> usize {
    let order = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
    order.iter().position(|known| *known == verb).unwrap_or(order.len())
}
