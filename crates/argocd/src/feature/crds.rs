//! CustomResourceDefinitions: after each apply Argo CD reads the definition until it is established.
//!
//! gitops-engine/pkg/sync/sync_context.go, ensureCRDReady. Their custom resources in the same set need nothing of their
//! own: the definition in the manifests says their plural and scope (catalog.rs), and the dry run skips them while the
//! API server doesn't know them.

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, sync: &Identity, target: &Target<'_>) {
    if target.is_applied() && target.is("apiextensions.k8s.io", "CustomResourceDefinition") {
        out.on(sync, target, &["get"], Naming::Object, Why::always(Operation::CrdReady));
    }
}
