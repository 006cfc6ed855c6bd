//! `CreateNamespace=true`: the destination namespace is created, and its metadata kept if the Application says which.
//!
//! gitops-engine/pkg/sync/sync_context.go (autoCreateNamespace) reads it, unless the manifests have it themselves, and
//! not as a hook, since the hooks are copied into an empty slice there;
//! controller/sync_namespace.go applies it where it is absent, and always, by server-side apply, with
//! `managedNamespaceMetadata`. The Namespace is never pruned and never deleted with the Application.

use std::sync::Arc;

use rbac::{Permission, Scope};

use crate::{
    Deployment, Identity, Operation,
    collector::{Collector, Why},
    deployment::Part,
    target::Target,
};

pub(super) fn needs(
    out: &mut Collector<'_>,
    sync: &Identity,
    deployment: &Deployment,
    targets: &[Target<'_>],
) {
    let Some(namespace) = &deployment.destination_namespace else { return };
    let shipped = |target: &Target<'_>| {
        let resource = matches!(target.part, Part::Resource | Part::Skipped | Part::Live);
        resource && target.is("", "Namespace") && target.names.contains(namespace)
    };
    if !deployment.sync.create_namespace || targets.iter().any(shipped) {
        return;
    }
    let options = &deployment.sync;
    let managed = options.managed_namespace_metadata;
    let by_server = (managed || options.server_side_apply) && !options.replace;
    let setting =
        if managed { "CreateNamespace=true with managedNamespaceMetadata" } else { "CreateNamespace=true" };
    let why = Why { operation: Operation::CreateNamespace, setting: Some(setting) };
    let mut ask = |verb: &str, named: bool| {
        let permission = Permission::resource(Scope::Cluster, "", "namespaces", verb);
        let permission = if named { permission.named(namespace) } else { permission };
        let object: Arc<str> = format!("Namespace {namespace}").into();
        out.ask(sync, permission, deployment.application.as_ref(), Some((None, object, 1)), why, None);
    };
    ask("get", true);
    // The create of a server-side apply carries the name, that of a POST can't.
    ask("create", by_server);
    if managed && options.replace {
        ask("update", true);
    }
    // `Replace` doesn't keep the fields from being moved to server-side apply first.
    if by_server || (managed && options.client_side_apply_migration) {
        // Without managed metadata only an absent namespace is applied; by server-side apply that is a patch, too.
        ask("patch", true);
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{
        Operation, SyncOptions,
        testing::{Case, DEPLOYMENT},
    };

    #[test]
    fn reads_and_creates_the_destination() {
        let case = Case::options(&["CreateNamespace=true"]);
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::CreateNamespace]), @r"
        controller: create namespaces cluster-wide <- CreateNamespace Namespace shop
        controller: get namespaces `shop` cluster-wide <- CreateNamespace Namespace shop
        ");
    }

    #[test]
    fn managed_metadata_is_applied_by_the_server() {
        let case = Case {
            sync: SyncOptions {
                create_namespace: true,
                managed_namespace_metadata: true,
                ..SyncOptions::default()
            },
            ..Case::default()
        };
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::CreateNamespace]), @r"
        controller: create namespaces `shop` cluster-wide <- CreateNamespace Namespace shop
        controller: get namespaces `shop` cluster-wide <- CreateNamespace Namespace shop
        controller: patch namespaces `shop` cluster-wide <- CreateNamespace Namespace shop
        ");
    }

    #[test]
    fn a_namespace_in_the_manifests_is_theirs() {
        let yaml = "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}";
        assert_eq!(Case::options(&["CreateNamespace=true"]).lines(yaml, &[Operation::CreateNamespace]), "");
    }
    #[test]
    fn a_namespace_that_is_a_hook_does_not_count() {
        let yaml = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, annotations: {argocd.argoproj.io/hook: PreSync}}}";
        let lines = Case::options(&["CreateNamespace=true"]).lines(yaml, &[Operation::CreateNamespace]);
        assert!(lines.contains("create namespaces"), "{lines}");
    }

    #[test]
    fn with_replace_the_fields_of_a_managed_namespace_are_moved_first() {
        let sync = SyncOptions {
            create_namespace: true,
            managed_namespace_metadata: true,
            replace: true,
            ..SyncOptions::default()
        };
        let case = Case { sync, ..Case::default() };
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::CreateNamespace]), @r"
        controller: create namespaces cluster-wide <- CreateNamespace Namespace shop
        controller: get namespaces `shop` cluster-wide <- CreateNamespace Namespace shop
        controller: patch namespaces `shop` cluster-wide <- CreateNamespace Namespace shop
        controller: update namespaces `shop` cluster-wide <- CreateNamespace Namespace shop
        ");
    }
}
