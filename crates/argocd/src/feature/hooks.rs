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

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{Operation, testing::Case};

    #[test]
    fn a_hook_is_applied_freed_and_deleted() {
        let case = Case::default();
        assert_snapshot!(case.lines(
            "{apiVersion: batch/v1, kind: Job, metadata: {generateName: migrate-, annotations: {argocd.argoproj.io/hook: PreSync}}}", &[Operation::ClientSideApply, Operation::Hook]), @r"
        controller: create jobs.batch in namespace shop <- ClientSideApply Job shop/migrate-… (app.yaml:1:1)
        controller: delete jobs.batch in namespace shop <- Hook Job shop/migrate-… (app.yaml:1:1) [NamesChange]
        controller: get jobs.batch in namespace shop <- ClientSideApply Job shop/migrate-… (app.yaml:1:1) [NamesChange]
        controller: get jobs.batch in namespace shop <- Hook Job shop/migrate-… (app.yaml:1:1) [NamesChange]
        controller: update jobs.batch in namespace shop <- Hook Job shop/migrate-… (app.yaml:1:1) [NamesChange]
        ");
    }

    #[test]
    fn a_deletion_hook_is_created_and_deleted() {
        let case = Case::default();
        assert_snapshot!(case.lines(
            "{apiVersion: batch/v1, kind: Job, metadata: {name: bye, annotations: {helm.sh/hook: post-delete}}}", &[Operation::ClientSideApply, Operation::Hook, Operation::DeletionHook]), @r"
        controller: create jobs.batch in namespace shop <- DeletionHook Job shop/bye (app.yaml:1:1)
        controller: delete jobs.batch in namespace shop <- DeletionHook Job shop/bye (app.yaml:1:1) [NamesChange]
        ");
    }

    #[test]
    fn helms_tests_are_never_applied() {
        let case = Case::default();
        assert_snapshot!(case.lines(
            "{apiVersion: v1, kind: Pod, metadata: {name: try, annotations: {helm.sh/hook: test}}}", &[Operation::Compare, Operation::ClientSideApply, Operation::Hook, Operation::DeletionHook]), @"controller: get pods in namespace shop <- Compare Pod shop/try (app.yaml:1:1) [NamesChange]");
    }
}
