//! Where permissions read Secrets, and where they write.

use std::collections::BTreeSet;

use rbac::{Permission, Scope};

/// Verbs that change objects; `bind`, `escalate` and `impersonate` change none by themselves.
const WRITES: [&str; 6] = ["create", "update", "patch", "delete", "deletecollection", "*"];

/// Each of them answers with the objects' content (Kubernetes documentation, "Authorization overview").
const READS: [&str; 4] = ["get", "list", "watch", "*"];

/// The scopes that permissions leave a mark in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    /// Where Secrets are read. A name limits what is read, not where: in the whole cluster it would be that name in every namespace.
    pub secrets: BTreeSet<Scope>,
    /// Where anything is written.
    pub writes: BTreeSet<Scope>,
}

impl Footprint {
    /// Of one permission more.
    pub fn add(&mut self, permission: &Permission) {
        let Permission::Resource { scope, group, resource, verb, .. } = permission else { return };
        let verb = verb.as_ref();
        if WRITES.contains(&verb) {
            insert(&mut self.writes, scope);
        }
        let secrets = matches!(group.as_ref(), "" | "*") && matches!(resource.as_ref(), "secrets" | "*");
        if secrets && READS.contains(&verb) {
            insert(&mut self.secrets, scope);
        }
    }
}

/// Most permissions are in a scope of others.
pub(super) fn insert(scopes: &mut BTreeSet<Scope>, scope: &Scope) {
    if !scopes.contains(scope) {
        scopes.insert(scope.clone());
    }
}
