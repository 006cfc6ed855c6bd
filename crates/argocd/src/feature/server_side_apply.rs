//! `kubectl apply --server-side`, and the move to it from client-side apply.
//!
//! gitops-engine/pkg/utils/kube/resource_ops.go (ApplyResource): one patch. Where the object is absent the API server
//! asks for `create` as well, and that question carries the name (apiserver/pkg/endpoints/handlers/patch.go,
//! createAuthorizerAttributes): unlike a POST it can be limited to names.
//! The move (sync_context.go, performCSAUpgradeMigration): get, then a JSON patch; on unless
//! `ClientSideApplyMigration=false`.

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, sync: &Identity, target: &Target<'_>) {
    if !target.is_applied() || !target.wants_server_side_apply() {
        return;
    }
    // Before it looks at `Replace`, Argo CD moves the fields.
    if target.sync.client_side_apply_migration && !target.is_always_made() {
        let why = Why { operation: Operation::ApplyMigration, setting: Some("ClientSideApplyMigration") };
        out.on(sync, target, &["get", "patch"], Naming::Object, why);
    }
    if target.uses_server_side_apply() {
        let why = Why { operation: Operation::ServerSideApply, setting: Some("ServerSideApply=true") };
        out.on(sync, target, &["patch", "create"], Naming::Object, why);
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
    fn patches_creates_and_migrates() {
        let case = Case::options(&["ServerSideApply=true"]);
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::DryRun, Operation::ClientSideApply, Operation::ServerSideApply, Operation::ApplyMigration]), @r"
        controller: create deployments.apps in namespace shop <- ServerSideApply Deployment shop/web (app.yaml:1:1) [NamesChange]
        controller: get deployments.apps in namespace shop <- DryRun Deployment shop/web (app.yaml:1:1) [NamesChange]
        controller: get deployments.apps in namespace shop <- ApplyMigration Deployment shop/web (app.yaml:1:1) [NamesChange]
        controller: patch deployments.apps in namespace shop <- ServerSideApply Deployment shop/web (app.yaml:1:1) [NamesChange]
        controller: patch deployments.apps in namespace shop <- ApplyMigration Deployment shop/web (app.yaml:1:1) [NamesChange]
        ");
    }

    #[test]
    fn without_migration_the_dry_run_still_reads() {
        let case = Case::options(&["ServerSideApply=true", "ClientSideApplyMigration=false"]);
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::DryRun, Operation::ApplyMigration]), @"controller: get deployments.apps in namespace shop <- DryRun Deployment shop/web (app.yaml:1:1) [NamesChange]");
    }

    #[test]
    fn create_carries_the_name_of_cluster_scoped_objects() {
        let case = Case::options(&["ServerSideApply=true"]);
        assert_snapshot!(case.lines("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}", &[Operation::ServerSideApply]), @r"
        controller: create namespaces `shop` cluster-wide <- ServerSideApply Namespace shop (app.yaml:1:1)
        controller: patch namespaces `shop` cluster-wide <- ServerSideApply Namespace shop (app.yaml:1:1)
        ");
    }

    #[test]
    fn with_replace_the_fields_are_moved_all_the_same() {
        let case = Case::options(&["ServerSideApply=true", "Replace=true"]);
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::ApplyMigration, Operation::ServerSideApply]), @r"
        controller: get deployments.apps in namespace shop <- ApplyMigration Deployment shop/web (app.yaml:1:1) [NamesChange]
        controller: patch deployments.apps in namespace shop <- ApplyMigration Deployment shop/web (app.yaml:1:1) [NamesChange]
        ");
    }
}
