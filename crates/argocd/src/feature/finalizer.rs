//! The finalizer: an Application that is deleted takes its objects with it.
//!
//! controller/appcontroller.go (finalizeApplicationDeletion, shouldBeDeleted): `delete` for each live object, never for
//! CustomResourceDefinitions, nor with `Delete=false` or `helm.sh/resource-policy: keep`. Since Argo CD 3.3 as the
//! impersonated service account. What left the manifests without being pruned is deleted, too, hence no names.

use crate::{
    Deletion, Identity, Operation,
    collector::{Collector, Naming, Why},
    deployment::Part,
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, deletion: &Identity, target: &Target<'_>) {
    let disabled = target.options.delete_disabled.unwrap_or(target.sync.delete_disabled);
    let stays = disabled
        || target.options.keep
        || target.part == Part::Ignored
        || target.is("apiextensions.k8s.io", "CustomResourceDefinition");
    if target.sync.deletion == Deletion::Cascades && !stays {
        let setting = Some("resources-finalizer.argocd.argoproj.io");
        let why = Why { operation: Operation::DeleteApplication, setting };
        out.on(deletion, target, &["delete"], Naming::Pruned, why);
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{Deletion, Operation, SyncOptions, testing::Case};

    #[test]
    fn deletes_what_the_application_deployed_but_what_is_kept() {
        let case = Case {
            sync: SyncOptions { deletion: Deletion::Cascades, ..SyncOptions::default() },
            ..Case::default()
        };
        assert_snapshot!(case.lines(
            r#"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: Secret, metadata: {name: b, annotations: {argocd.argoproj.io/sync-options: "Delete=false"}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: c, annotations: {helm.sh/resource-policy: keep}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: d}}
"#, &[Operation::DeleteApplication]), @r"
        controller: delete namespaces `d` cluster-wide <- DeleteApplication Namespace d (app.yaml:7:1)
        controller: delete configmaps in namespace shop <- DeleteApplication ConfigMap shop/a (app.yaml:1:1) [PrunedNamesUnknown]
        ");
    }
}
