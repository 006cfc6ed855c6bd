//! Hooks: applied like every object, and besides deleted, and freed of a finalizer.
//!
//! gitops-engine/pkg/sync/sync_context.go: every hook gets a finalizer (getSyncTasks) that an update removes once it ran
//! (removeHookFinalizer: update, on a conflict get); it is deleted by its delete policy, and whatever the policy when the
//! operation is terminated (terminateHooksPreemptively: get, delete). A hook with `generateName` gets its name from
//! the commit and the time.
//! Deletion hooks are the controller's (controller/hook.go): created, and deleted when they fail or by their policy.

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    deployment::Part,
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, sync: &Identity, target: &Target<'_>) {
    let Part::Hook(policy) = target.part else { return };
    if policy.in_sync {
        let why = Why { operation: Operation::Hook, setting: Some("argocd.argoproj.io/hook") };
        out.on(sync, target, &["get", "update", "delete"], Naming::Object, why);
    }
}

pub(super) fn on_deletion(out: &mut Collector<'_>, deletion: &Identity, target: &Target<'_>) {
    let Part::Hook(policy) = target.part else { return };
    if policy.on_deletion {
        let why = Why { operation: Operation::DeletionHook, setting: Some("argocd.argoproj.io/hook") };
        out.on(deletion, target, &["create"], Naming::Never, why);
        out.on(deletion, target, &["delete"], Naming::Object, why);
    }
}
