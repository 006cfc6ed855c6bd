//! How an Application syncs, as its own spec says it.

use std::collections::BTreeMap;

/// What happens to an Application's objects when the Application itself is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deletion {
    /// No finalizer: they stay.
    #[default]
    Orphans,
    /// `resources-finalizer.argocd.argoproj.io`: they are deleted.
    Cascades,
}

/// The part of an Application that decides which requests a sync makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncOptions {
    /// `ServerSideApply=true`
    pub server_side_apply: bool,
    /// `ClientSideApplyMigration` is on unless it is `false`.
    pub client_side_apply_migration: bool,
    /// `Replace=true`
    pub replace: bool,
    /// `Force=true` in every resource; Applications have it only in an operation's sync strategy.
    pub force: bool,
    /// `automated.prune`, or people who prune by hand.
    pub prune: bool,
    /// `Prune=false`: nothing is pruned unless an object says otherwise.
    pub prune_disabled: bool,
    /// `Delete=false`: nothing is deleted with the Application unless an object says otherwise.
    pub delete_disabled: bool,
    /// `CreateNamespace=true`
    pub create_namespace: bool,
    /// `managedNamespaceMetadata` is present.
    pub managed_namespace_metadata: bool,
    /// `argocd.argoproj.io/compare-options: ServerSideDiff=…` of the Application; absent: as the controller is set.
    pub server_side_diff: Option<bool>,
    /// The finalizer.
    pub deletion: Deletion,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            server_side_apply: false,
            client_side_apply_migration: true,
            replace: false,
            force: false,
            prune: false,
            prune_disabled: false,
            delete_disabled: false,
            create_namespace: false,
            managed_namespace_metadata: false,
            server_side_diff: None,
            deletion: Deletion::Orphans,
        }
    }
}

impl SyncOptions {
    /// Takes `spec.syncPolicy.syncOptions`, compared as Argo CD does it: exactly, item by item.
    ///
    /// pkg/apis/application/v1alpha1/types.go, `SyncOptions.HasOption` and `GetOptionValue`.
    #[must_use]
    pub fn with_options<'o>(mut self, options: impl IntoIterator<Item = &'o str>) -> Self {
        let (mut prune, mut delete) = (None, None);
        for option in options {
            match option {
                "ServerSideApply=true" => self.server_side_apply = true,
                "ClientSideApplyMigration=false" => self.client_side_apply_migration = false,
                "Replace=true" => self.replace = true,
                "CreateNamespace=true" => self.create_namespace = true,
                _ => match option.split_once('=') {
                    Some(("Prune", value)) => prune = prune.or(Some(value == "false")),
                    Some(("Delete", value)) => delete = delete.or(Some(value == "false")),
                    _ => {}
                },
            }
        }
        self.prune_disabled |= prune.unwrap_or(false);
        self.delete_disabled |= delete.unwrap_or(false);
        self
    }

    /// Takes `metadata.finalizers` (types.go, `isPropagationPolicyFinalizer`).
    #[must_use]
    pub fn with_finalizers<'f>(mut self, finalizers: impl IntoIterator<Item = &'f str>) -> Self {
        const FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";
        let cascades = |finalizer: &str| match finalizer.strip_prefix(FINALIZER) {
            Some(rest) => matches!(rest, "" | "/foreground" | "/background"),
            None => false,
        };
        if finalizers.into_iter().any(cascades) {
            self.deletion = Deletion::Cascades;
        }
        self
    }

    /// Takes the Application's own annotations; `ServerSideDiff=false` wins (controller/state.go).
    #[must_use]
    pub fn with_annotations(mut self, annotations: &BTreeMap<String, String>) -> Self {
        for option in list(annotations, "argocd.argoproj.io/compare-options") {
            match option {
                "ServerSideDiff=true" => self.server_side_diff = self.server_side_diff.or(Some(true)),
                "ServerSideDiff=false" => self.server_side_diff = Some(false),
                _ => {}
            }
        }
        self
    }
}

/// The items of an annotation that holds a comma list (gitops-engine/pkg/sync/resource/annotations.go).
pub(crate) fn list<'a>(
    annotations: &'a BTreeMap<String, String>,
    key: &str,
) -> impl Iterator<Item = &'a str> + use<'a> {
    let text = annotations.get(key).map_or("", String::as_str);
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_an_application_are_compared_exactly() {
        let options = SyncOptions::default().with_options(["ServerSideApply=true ", "Replace=True"]);
        assert_eq!(options, SyncOptions::default());
        let options =
            SyncOptions::default().with_options(["ServerSideApply=true", "Prune=false", "Delete=confirm"]);
        assert!(options.server_side_apply && options.prune_disabled && !options.delete_disabled);
    }

    #[test]
    fn the_first_value_of_prune_counts() {
        assert!(!SyncOptions::default().with_options(["Prune=confirm", "Prune=false"]).prune_disabled);
    }

    #[test]
    fn finalizers_with_a_propagation_policy_cascade_too() {
        let deletion = |finalizer| SyncOptions::default().with_finalizers([finalizer]).deletion;
        assert_eq!(deletion("resources-finalizer.argocd.argoproj.io/background"), Deletion::Cascades);
        assert_eq!(deletion("resources-finalizer.argocd.argoproj.io"), Deletion::Cascades);
        assert_eq!(deletion("post-delete-finalizer.argocd.argoproj.io"), Deletion::Orphans);
    }

    #[test]
    fn switching_server_side_diff_off_wins() {
        let annotation = |text: &str| {
            let annotations =
                BTreeMap::from([("argocd.argoproj.io/compare-options".to_owned(), text.to_owned())]);
            SyncOptions::default().with_annotations(&annotations).server_side_diff
        };
        assert_eq!(annotation("IgnoreExtraneous, ServerSideDiff=true"), Some(true));
        assert_eq!(annotation("ServerSideDiff=false,ServerSideDiff=true"), Some(false));
        assert_eq!(annotation("IgnoreExtraneous"), None);
    }
}
