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
    if !target.is_applied() || !target.uses_server_side_apply() {
        return;
    }
    let why = Why { operation: Operation::ServerSideApply, setting: Some("ServerSideApply=true") };
    out.on(sync, target, &["patch", "create"], Naming::Object, why);
    if target.sync.client_side_apply_migration {
        let why = Why { operation: Operation::ApplyMigration, setting: Some("ClientSideApplyMigration") };
        out.on(sync, target, &["get", "patch"], Naming::Object, why);
    }
}
