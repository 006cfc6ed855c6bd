//! `kubectl apply`, Argo CD's default, and the dry run that goes before each sync.
//!
//! gitops-engine/pkg/utils/kube/resource_ops.go (ApplyResource): get, then create or patch. The dry run
//! (sync_context.go, runTasks) is always client-side, also for server-side apply, and reads each object; with `Replace`
//! it reads nothing (replace.rs).

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, sync: &Identity, target: &Target<'_>) {
    if !target.is_applied() || target.uses_replace() {
        return;
    }
    out.on(sync, target, &["get"], Naming::Object, Why::always(Operation::DryRun));
    if target.uses_server_side_apply() {
        return;
    }
    let why = Why::always(Operation::ClientSideApply);
    out.on(sync, target, &["get", "patch"], Naming::Object, why);
    out.on(sync, target, &["create"], Naming::Never, why);
}
