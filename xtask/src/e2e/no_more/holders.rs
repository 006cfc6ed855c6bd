//! Whose a grant is: nobody else can miss it.

use std::collections::BTreeSet;

use anyhow::Result;
use rbac::{Binding, RoleRef};
use serde::Deserialize;
use serde_json::Value;

use super::replay;
use crate::e2e::enough::case::{Case, Identity};

/// The identities to which the plan binds one of its roles.
pub(super) fn holders(case: &Case, role: &Value) -> Result<BTreeSet<Identity>> {
    let bindings = bindings_of(case, role)?;
    let identities: BTreeSet<&Identity> = case.needs.iter().map(|need| &need.identity).collect();
    let is_bound = |identity: &&Identity| {
        let (user, groups) = replay::who(case, identity);
        let somebody = rbac::Identity::user(user, groups);
        bindings.iter().any(|binding| binding.subject_for(&somebody).is_some())
    };
    Ok(identities.into_iter().filter(is_bound).cloned().collect())
}

fn bindings_of(case: &Case, role: &Value) -> Result<Vec<Binding>> {
    let text = |pointer| role.pointer(pointer).and_then(Value::as_str);
    let (kind, name, namespace) = (text("/kind"), text("/metadata/name"), text("/metadata/namespace"));
    let is_of_role = |RoleRef { kind: of, name: called, .. }: &RoleRef| {
        Some(of.as_str()) == kind && Some(called.as_str()) == name
    };
    let is_binding = |object: &&Value| {
        object.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("RoleBinding"))
    };
    let mut bindings: Vec<Binding> =
        case.planned.iter().filter(is_binding).map(Binding::deserialize).collect::<Result<_, _>>()?;
    bindings.retain(|binding| {
        is_of_role(&binding.role_ref) && (namespace.is_none() || binding.namespace.as_deref() == namespace)
    });
    Ok(bindings)
}
