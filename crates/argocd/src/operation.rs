//! The things that Argo CD does on target clusters.

use schemars::JsonSchema;
use serde::Serialize;

macro_rules! operations {
    ($($(#[doc = $doc:literal])* $name:ident: $explain:literal, $source:literal;)*) => {
        /// What Argo CD is doing when it makes a request. Each stands in the file of its feature.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum Operation {
            $($(#[doc = $doc])* $name,)*
        }

        impl Operation {
            /// Every operation, in the order in which they stand above.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// What Argo CD does, in one sentence.
            pub fn explain(self) -> &'static str {
                match self { $(Self::$name => $explain,)* }
            }

            /// Whether it is no request but what the API server's escalation check asks for, which sees RBAC alone
            /// (pkg/registry/rbac/validation/rule.go, `ConfirmNoEscalation`).
            pub fn counts_in_rbac_alone(self) -> bool {
                self == Self::HoldShippedRules
            }

            /// The file of Argo CD's source that makes the request.
            pub fn source(self) -> &'static str {
                match self { $(Self::$name => $source,)* }
            }
        }
    };
}

operations! {
    /// Version, discovery and OpenAPI.
    Connect: "reads the API server's version, discovery and schemas", "gitops-engine/pkg/cache/cluster.go";
    /// Listing and watching for the live cache.
    LiveCache: "lists and watches to know the live state", "gitops-engine/pkg/cache/cluster.go";
    /// Applications in any namespace.
    OtherNamespaces: "reads and writes Applications outside its own namespace", "controller/appcontroller.go";
    /// Reading an object that the live cache doesn't hold.
    Compare: "reads objects that the live cache doesn't hold, to compare them", "gitops-engine/pkg/cache/cluster.go";
    /// Server-side diff.
    ServerSideDiff: "applies with dry-run to let the API server compute the difference", "controller/state.go";
    /// The client-side dry run before each sync.
    DryRun: "reads every object in the dry run before a sync", "gitops-engine/pkg/sync/sync_context.go";
    /// `kubectl apply`.
    ClientSideApply: "reads, then creates or patches (kubectl apply)", "gitops-engine/pkg/utils/kube/resource_ops.go";
    /// `kubectl apply --server-side`.
    ServerSideApply: "patches with server-side apply; the API server asks for create, too, when the object is absent", "gitops-engine/pkg/utils/kube/resource_ops.go";
    /// From client-side to server-side apply.
    ApplyMigration: "moves field ownership from client-side to server-side apply", "gitops-engine/pkg/sync/sync_context.go";
    /// `Replace=true`.
    Replace: "creates or updates instead of patching (kubectl replace)", "gitops-engine/pkg/sync/sync_context.go";
    /// `Force=true`.
    Force: "deletes and creates again where a patch is refused", "gitops-engine/pkg/utils/kube/resource_ops.go";
    /// Prune.
    Prune: "deletes objects that left the manifests", "gitops-engine/pkg/sync/sync_context.go";
    /// The deletion of the Application itself.
    DeleteApplication: "deletes an Application's objects when the Application is deleted", "controller/appcontroller.go";
    /// Hooks that run during a sync.
    Hook: "deletes hooks by their delete policy and removes their finalizer", "gitops-engine/pkg/sync/sync_context.go";
    /// `PreDelete` and `PostDelete` hooks.
    DeletionHook: "creates and deletes the hooks that run when the Application is deleted", "controller/hook.go";
    /// `CreateNamespace=true`.
    CreateNamespace: "creates the destination namespace and keeps its metadata", "controller/sync_namespace.go";
    /// Waiting for a CRD.
    CrdReady: "waits until a CustomResourceDefinition is established", "gitops-engine/pkg/sync/sync_context.go";
    /// `kubectl auth reconcile`.
    ReconcileRbac: "reconciles RBAC objects before it applies them (kubectl auth reconcile)", "gitops-engine/pkg/utils/kube/resource_ops.go";
    /// Holding the rules of a shipped role.
    HoldShippedRules: "must hold the rules of a role that it creates or binds", "pkg/registry/rbac/clusterrole/policybased/storage.go (Kubernetes)";
    /// `bind`.
    BindRole: "binds a role whose rules it doesn't hold", "pkg/registry/rbac/clusterrolebinding/policybased/storage.go (Kubernetes)";
    /// `escalate`.
    EscalateRole: "writes a role whose rules it doesn't hold", "pkg/registry/rbac/clusterrole/policybased/storage.go (Kubernetes)";
    /// Reading the parameters of an admission policy.
    ReadAdmissionParams: "must be allowed to read the parameters of an admission policy that it writes", "pkg/registry/admissionregistration/validatingadmissionpolicy/authz.go (Kubernetes)";
    /// Sync impersonation.
    Impersonate: "acts as the project's service account", "controller/sync.go";
    /// Pod logs.
    Logs: "shows the logs of pods", "server/application/application.go";
    /// Events of a resource.
    Events: "shows the events of a resource", "server/application/application.go";
    /// Live manifests in the UI.
    UiGet: "shows live manifests", "server/application/application.go";
    /// Editing in the UI.
    UiPatch: "edits live resources", "server/application/application.go";
    /// Deleting in the UI.
    UiDelete: "deletes live resources", "server/application/application.go";
    /// Resource actions.
    Action: "runs resource actions, such as restart", "server/application/application.go";
    /// The web terminal.
    Exec: "opens a terminal in a pod", "server/application/terminal.go";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_explains_itself_and_names_its_source() {
        let explained: BTreeSet<&str> = Operation::ALL.iter().map(|operation| operation.explain()).collect();
        assert_eq!(explained.len(), Operation::ALL.len());
        let go = |operation: &Operation| {
            operation.source().split(' ').next().is_some_and(|file| file.ends_with(".go"))
        };
        assert!(Operation::ALL.iter().all(go));
    }
}
