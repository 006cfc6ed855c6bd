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
    out.on(sync, target, &["get"], Naming::Object, why);
    out.on(sync, target, &["create"], Naming::Never, why);
    // RBAC objects are made by `kubectl auth reconcile` just before (rbac_reconcile.rs).
    if !target.is_always_made() || target.is_rbac() {
        out.on(sync, target, &["patch"], Naming::Object, why);
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{
        Operation,
        testing::{Case, DEPLOYMENT},
    };

    #[test]
    fn reads_then_creates_or_patches() {
        let case = Case::default();
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::DryRun, Operation::ClientSideApply]), @r"
        controller: create deployments.apps in namespace shop <- ClientSideApply Deployment shop/web (app.yaml:1:1)
        controller: get deployments.apps in namespace shop <- DryRun Deployment shop/web (app.yaml:1:1) [NamesChange]
        controller: get deployments.apps in namespace shop <- ClientSideApply Deployment shop/web (app.yaml:1:1) [NamesChange]
        controller: patch deployments.apps in namespace shop <- ClientSideApply Deployment shop/web (app.yaml:1:1) [NamesChange]
        ");
    }

    #[test]
    fn a_hook_that_is_deleted_first_is_never_patched() {
        let case = Case::default();
        let hook = |kind, policy| {
            format!(
                "{{apiVersion: {kind}, metadata: {{name: a, annotations: {{argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/hook-delete-policy: {policy}}}}}}}"
            )
        };
        let lines = |kind, policy| case.lines(&hook(kind, policy), &[Operation::ClientSideApply]);
        assert!(!lines("batch/v1, kind: Job", "BeforeHookCreation").contains("patch"));
        assert!(lines("batch/v1, kind: Job", "HookSucceeded").contains("patch"));
        assert!(lines("rbac.authorization.k8s.io/v1, kind: Role", "BeforeHookCreation").contains("patch"));
    }

    #[test]
    fn cluster_scoped_objects_are_named() {
        let case = Case::default();
        assert_snapshot!(case.lines("{apiVersion: v1, kind: Namespace, metadata: {name: shop, namespace: ignored}}", &[Operation::ClientSideApply]), @r"
        controller: create namespaces cluster-wide <- ClientSideApply Namespace shop (app.yaml:1:1)
        controller: get namespaces `shop` cluster-wide <- ClientSideApply Namespace shop (app.yaml:1:1)
        controller: patch namespaces `shop` cluster-wide <- ClientSideApply Namespace shop (app.yaml:1:1)
        ");
    }

    #[test]
    fn a_switched_off_option_on_the_object_wins() {
        let case = Case::options(&["ServerSideApply=true"]);
        assert_snapshot!(case.lines(
            r#"{apiVersion: v1, kind: Secret, metadata: {name: a, annotations: {argocd.argoproj.io/sync-options: "ServerSideApply=false"}}}"#, &[Operation::ClientSideApply, Operation::ServerSideApply]), @r"
        controller: create secrets in namespace shop <- ClientSideApply Secret shop/a (app.yaml:1:1)
        controller: get secrets in namespace shop <- ClientSideApply Secret shop/a (app.yaml:1:1) [NamesChange]
        controller: patch secrets in namespace shop <- ClientSideApply Secret shop/a (app.yaml:1:1) [NamesChange]
        ");
    }
}
