//! `kubectl auth reconcile`, which goes before every client-side apply of an RBAC object.
//!
//! gitops-engine/pkg/utils/kube/resource_ops.go (rbacReconcile) reads the object's namespace;
//! component-helpers/auth/rbac/reconciliation then gets, creates or updates it, and deletes and creates a binding whose
//! `roleRef` changed. With server-side apply or `Replace` it doesn't run. What creating or binding a role takes besides
//! is in shipped_rbac.rs.

use rbac::{Permission, Scope};

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, sync: &Identity, target: &Target<'_>) {
    let applied = target.is_applied() && !target.uses_replace();
    if !target.is_rbac() || !applied {
        return;
    }
    let why = Why::always(Operation::ReconcileRbac);
    if target.uses_server_side_apply() {
        // The dry run is client-side all the same, and reconciles without writing.
        out.on(sync, target, &["get"], Naming::Object, why);
        return;
    }
    out.on(sync, target, &["get", "update"], Naming::Object, why);
    out.on(sync, target, &["create"], Naming::Never, why);
    if target.kind.ends_with("Binding") {
        out.on(sync, target, &["delete"], Naming::Object, why);
    }
    if let Some(namespace) = &target.namespace {
        let get = Permission::resource(Scope::Cluster, "", "namespaces", "get").named(namespace);
        let object =
            target.first.map(|f| (Some(f.place.clone()), target.object(&f.name).into(), target.objects));
        out.ask(sync, get, target.application, object, why, None);
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{Operation, testing::Case};

    #[test]
    fn reads_the_namespace_and_replaces_bindings() {
        let case = Case::default();
        assert_snapshot!(case.lines(
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}}", &[Operation::ReconcileRbac]), @r"
        controller: get namespaces `shop` cluster-wide <- ReconcileRbac RoleBinding shop/a (app.yaml:1:1)
        controller: create rolebindings.rbac.authorization.k8s.io in namespace shop <- ReconcileRbac RoleBinding shop/a (app.yaml:1:1)
        controller: delete rolebindings.rbac.authorization.k8s.io in namespace shop <- ReconcileRbac RoleBinding shop/a (app.yaml:1:1) [NamesChange]
        controller: get rolebindings.rbac.authorization.k8s.io in namespace shop <- ReconcileRbac RoleBinding shop/a (app.yaml:1:1) [NamesChange]
        controller: update rolebindings.rbac.authorization.k8s.io in namespace shop <- ReconcileRbac RoleBinding shop/a (app.yaml:1:1) [NamesChange]
        ");
    }

    #[test]
    fn with_server_side_apply_only_the_dry_run_reconciles() {
        let case = Case::options(&["ServerSideApply=true"]);
        assert_snapshot!(case.lines(
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}}", &[Operation::ReconcileRbac]), @"controller: get rolebindings.rbac.authorization.k8s.io in namespace shop <- ReconcileRbac RoleBinding shop/a (app.yaml:1:1) [NamesChange]");
    }
}
