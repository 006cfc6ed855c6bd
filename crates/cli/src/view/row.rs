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
    /// `deployments.apps`, as kubectl names resources, or a path.
    pub(crate) resource: String,
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
    rows
}

impl Row {
    fn explain(&mut self, need: &Need) {
        for reason in &need.reasons {
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

    /// The names, cut short when there are many.
    pub(crate) fn names(&self) -> String {
        match self.names.as_slice() {
            [] => "*".to_owned(),
            [a, b, c, rest @ ..] if rest.len() > 1 => format!("{a},{b},{c},… ({} more)", rest.len()),
            names => names.join(","),
        }
    }

    /// Why, in a few words, with the first place.
    pub(crate) fn why(&self) -> String {
        let operations: Vec<_> = self.operations.iter().map(|operation| word(*operation)).collect();
        match &self.place {
            Some(place) => format!("{} ({}:{})", operations.join(", "), place.file, place.line),
            None => operations.join(", "),
        }
    }
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
