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
