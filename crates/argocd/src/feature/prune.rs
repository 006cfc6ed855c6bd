//! Prune: objects that left the manifests are deleted, one by one.
//!
//! gitops-engine/pkg/sync/sync_context.go (pruneObject): `delete`, never `deletecollection`. What will be pruned isn't in
//! the manifests any more, so for namespaced kinds no name can limit it; for cluster-scoped ones the names of the
//! manifests and of the live Applications do. `Prune=false` on an object spares it, `Prune=confirm` only asks people.

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    deployment::Part,
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, sync: &Identity, target: &Target<'_>) {
    let pruned = matches!(target.part, Part::Resource | Part::Live | Part::Orphan | Part::Skipped);
    let disabled = target.options.prune_disabled.unwrap_or(target.sync.prune_disabled);
    if target.sync.prune && pruned && !disabled {
        let why = Why { operation: Operation::Prune, setting: Some("prune: true") };
        out.on(sync, target, &["delete"], Naming::Pruned, why);
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{Operation, SyncOptions, testing::Case};

    #[test]
    fn deletes_without_names_what_left_the_manifests() {
        let case = Case { sync: SyncOptions { prune: true, ..SyncOptions::default() }, ..Case::default() };
        assert_snapshot!(case.lines(
            r#"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: Secret, metadata: {name: b, annotations: {argocd.argoproj.io/sync-options: "Prune=false"}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: c, annotations: {helm.sh/resource-policy: keep}}}
"#, &[Operation::Prune]), @r"
        controller: delete namespaces `c` cluster-wide <- Prune Namespace c (app.yaml:5:1)
        controller: delete configmaps in namespace shop <- Prune ConfigMap shop/a (app.yaml:1:1) [PrunedNamesUnknown]
        ");
    }

    #[test]
    fn without_prune_nothing_is_deleted() {
        let yaml = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}";
        assert_eq!(Case::default().lines(yaml, &[Operation::Prune]), "");
        assert_eq!(Case::options(&["Prune=false"]).lines(yaml, &[Operation::Prune]), "");
    }
}
