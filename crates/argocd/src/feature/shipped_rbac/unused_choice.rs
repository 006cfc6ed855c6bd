//! Choices about roles that nothing ships or binds: a name with a slip would otherwise be a choice without effect.

use std::collections::BTreeSet;

use facts::{Finding, Severity};

use super::{bound, reference};
use crate::{Deployment, InputFrom, ObjectRef, collector::Collector};

/// Said of the arguments of `oarlock needs` only: a choice in a fleet file is for many clusters, and needn't fit each.
pub(crate) fn report(out: &mut Collector<'_>, deployments: &[&Deployment]) {
    if out.context.input_from != InputFrom::Arguments || out.context.choices.is_empty() {
        return;
    }
    let roles: BTreeSet<ObjectRef> =
        deployments.iter().flat_map(|deployment| choosable(deployment)).collect();
    let choices = out.context.choices;
    for chosen in choices.keys().filter(|chosen| !roles.contains(*chosen)) {
        let paths: Vec<String> = roles.iter().map(ObjectRef::path).collect();
        let message =
            format!("the choice for `{}` changes nothing: no manifest ships or binds it", chosen.path());
        let finding = Finding::new("choice-without-role", Severity::Warning, message);
        out.finding(match manifest::nearest(&chosen.path(), paths.iter().map(String::as_str)) {
            Some(nearest) => finding.with_help(format!("did you mean `{nearest}`?")),
            None => finding,
        });
    }
}

/// The roles that an Application ships, and those that its bindings name.
fn choosable(deployment: &Deployment) -> impl Iterator<Item = ObjectRef> {
    let shipped = deployment.roles.iter().map(|shipped| reference(deployment, shipped));
    let bindings = deployment.bindings.iter().map(|shipped| {
        let namespace = deployment.namespace_of(shipped.object.namespace.as_deref());
        bound(&shipped.object, namespace.filter(|_| shipped.namespaced))
    });
    shipped.chain(bindings)
}
