//! `Replace=true`: create where the object is absent, else update.
//!
//! gitops-engine/pkg/sync/sync_context.go (applyObject): CustomResourceDefinitions and Namespaces by a plain update,
//! everything else by `kubectl replace`, which reads first (cli-runtime/pkg/resource/helper.go, Replace). In the dry run
//! the plain update goes to the API server, with the same verb.

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, sync: &Identity, target: &Target<'_>) {
    if !target.is_applied() || !target.uses_replace() {
        return;
    }
    let why = Why { operation: Operation::Replace, setting: Some("Replace=true") };
    out.on(sync, target, &["create"], Naming::Never, why);
    let verbs: &[&str] = match (is_updated(target), target.uses_force()) {
        (true, _) => &["update"],
        (false, false) => &["get", "update"],
        // `kubectl replace --force` deletes and creates (force.rs), and never updates.
        (false, true) => &[],
    };
    out.on(sync, target, verbs, Naming::Object, why);
}

/// Kinds that are never replaced, since a forced replacement deletes all that belongs to them.
pub(super) fn is_updated(target: &Target<'_>) -> bool {
    // applyObject compares a Namespace's kind without its group.
    target.is("apiextensions.k8s.io", "CustomResourceDefinition") || *target.kind == *"Namespace"
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{
        Operation,
        testing::{Case, DEPLOYMENT},
    };

    #[test]
    fn reads_and_updates_or_creates() {
        let case = Case::options(&["Replace=true"]);
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::DryRun, Operation::ClientSideApply, Operation::Replace]), @r"
        controller: create deployments.apps in namespace shop <- Replace Deployment shop/web (app.yaml:1:1)
        controller: get deployments.apps in namespace shop <- Replace Deployment shop/web (app.yaml:1:1) [NamesChange]
        controller: update deployments.apps in namespace shop <- Replace Deployment shop/web (app.yaml:1:1) [NamesChange]
        ");
    }

    #[test]
    fn namespaces_are_updated_without_reading() {
        let case = Case::options(&["Replace=true"]);
        assert_snapshot!(case.lines("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}", &[Operation::Replace]), @r"
        controller: create namespaces cluster-wide <- Replace Namespace shop (app.yaml:1:1)
        controller: update namespaces `shop` cluster-wide <- Replace Namespace shop (app.yaml:1:1)
        ");
    }
}
