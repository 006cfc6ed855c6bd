//! Mistakes that published guides have their readers make, where they stand in Argo CD's way today. The plan's own
//! objects replace what is wrong; the findings say why it never worked, or what more it gives.

mod entries;
mod permissions;
#[cfg(test)]
mod tests;
mod trust;

use std::collections::BTreeSet;

use facts::{Finding, Severity};
use fleet::Fleet;
use inventory::{IamRole, Inventory, Known};
use serde_json::Value;

use crate::{ObjectId, diff::Access};

/// What is wrong with the roles as which Argo CD acts today, and with what clusters give them.
pub(crate) fn of(fleet: &Fleet, inventory: &Inventory, access: &Access) -> Vec<Finding> {
    let mut findings = entries::of(fleet, inventory, access);
    for (arn, named_by) in &access.roles {
        let account = inventory.accounts.get(&arn.account).map(|account| &account.roles);
        let Some(Known::Known(roles)) = account else { continue };
        let Some(role) = roles.get(&arn.name) else { continue };
        findings.extend(trust::of(&Used { role, named_by }));
        findings.extend(permissions::of(role));
    }
    findings
}

/// A role as which Argo CD acts.
struct Used<'a> {
    role: &'a IamRole,
    /// The hub's objects that name it; none for the role of the EKS capability.
    named_by: &'a BTreeSet<ObjectId>,
}

impl Used<'_> {
    /// Whether `argocd-k8s-auth` assumes it, as a cluster Secret says.
    fn is_assumed_for_a_cluster(&self) -> bool {
        self.named_by.iter().any(|by| by.kind == "Secret")
    }

    /// Whether pods get it: by IRSA's annotation, or by a Pod Identity association.
    fn is_of_pods(&self) -> bool {
        self.named_by.iter().any(|by| by.kind != "Secret")
    }
}

/// A warning: the plan's own roles take its place, whatever is wrong with this one.
fn warning(id: &'static str, role: &IamRole, message: String) -> Finding {
    Finding::new(id, Severity::Warning, message).at(role.place.clone())
}

/// The statements of a policy document that allow: those that IAM understands, whatever else is in them.
fn allowing(document: &Value) -> impl Iterator<Item = &Value> {
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    statements.iter().filter(|statement| statement.get("Effect").and_then(Value::as_str) == Some("Allow"))
}

/// A string, or the strings of a list: IAM lets one stand for a list of one.
fn strings(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
