//! What the annotations of a single object decide.

use std::collections::BTreeMap;

use crate::sync_options::list;

/// Which part an object plays in a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Part {
    /// An ordinary object of the manifests.
    Resource,
    /// Runs in phases of a sync, or when the Application is deleted.
    Hook(HookPolicy),
    /// `argocd.argoproj.io/hook: Skip`: compared, never applied.
    Skipped,
    /// A hook that never runs, such as Helm's tests.
    Ignored,
    /// Known from `status.resources` of a live Application.
    Live,
    /// The same, and gone from the manifests.
    Orphan,
}

/// When a hook runs and when it is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct HookPolicy {
    /// In a phase of a sync.
    pub(crate) in_sync: bool,
    /// Before or after the deletion of the Application.
    pub(crate) on_deletion: bool,
    /// `BeforeHookCreation`, which is also the default.
    pub(crate) delete_before: bool,
    /// `HookSucceeded` or `HookFailed`.
    pub(crate) delete_after: bool,
}

impl HookPolicy {
    /// A hook of which only that it is one is known.
    pub(crate) const DEFAULT: Self =
        Self { in_sync: true, on_deletion: false, delete_before: true, delete_after: false };
}

/// Sync options of a single object (`argocd.argoproj.io/sync-options`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ObjectOptions {
    /// `ServerSideApply=…`; `false` wins (sync_context.go, shouldUseServerSideApply).
    pub(crate) server_side_apply: Option<bool>,
    /// `Replace=true`
    pub(crate) replace: bool,
    /// `Force=true`
    pub(crate) force: bool,
    /// `Prune=…`: whether it is `false`.
    pub(crate) prune_disabled: Option<bool>,
    /// `Delete=…`: whether it is `false`.
    pub(crate) delete_disabled: Option<bool>,
    /// `helm.sh/resource-policy: keep`, which keeps it when the Application is deleted.
    pub(crate) keep: bool,
}

impl ObjectOptions {
    pub(crate) fn of(annotations: &BTreeMap<String, String>) -> Self {
        let mut options = Self::default();
        for option in list(annotations, "argocd.argoproj.io/sync-options") {
            match option {
                "ServerSideApply=true" => {
                    options.server_side_apply = options.server_side_apply.or(Some(true))
                }
                "ServerSideApply=false" => options.server_side_apply = Some(false),
                "Replace=true" => options.replace = true,
                "Force=true" => options.force = true,
                _ => match option.split_once('=') {
                    Some(("Prune", value)) => {
                        options.prune_disabled = options.prune_disabled.or(Some(value == "false"))
                    }
                    Some(("Delete", value)) => {
                        options.delete_disabled = options.delete_disabled.or(Some(value == "false"));
                    }
                    _ => {}
                },
            }
        }
        options.keep = list(annotations, "helm.sh/resource-policy").any(|policy| policy == "keep");
        options
    }
}

impl Part {
    /// gitops-engine/pkg/sync/hook/hook.go, hook/helm/hook.go and type.go; controller/hook.go for deletion hooks.
    pub(crate) fn of(annotations: &BTreeMap<String, String>) -> Self {
        const ARGO: &str = "argocd.argoproj.io/hook";
        const HELM: &str = "helm.sh/hook";
        let argo: Vec<&str> = list(annotations, ARGO).collect();
        let helm: Vec<&str> = list(annotations, HELM).collect();
        let on_deletion = argo.iter().any(|hook| matches!(*hook, "PreDelete" | "PostDelete"))
            || helm.iter().any(|hook| matches!(*hook, "pre-delete" | "post-delete"));
        // Deletion hooks are the controller's, gitops-engine knows none (sync/common/types.go, NewHookType).
        let legal = |hook: &&&str| matches!(**hook, "PreSync" | "Sync" | "PostSync" | "SyncFail" | "Skip");
        let mut types: Vec<&str> = argo.iter().filter(legal).copied().collect();
        if types.is_empty() {
            let runs = |hook: &&&str| {
                matches!(**hook, "pre-install" | "pre-upgrade" | "post-install" | "post-upgrade")
            };
            types = helm.iter().filter(runs).copied().collect();
        }
        if types == ["Skip"] && !on_deletion {
            return Self::Skipped;
        }
        let is_hook = annotations.contains_key(ARGO)
            || annotations.get(HELM).is_some_and(|value| value != "crd-install");
        let in_sync = types.iter().any(|hook| *hook != "Skip");
        match (is_hook, in_sync || on_deletion) {
            (false, _) => Self::Resource,
            (true, false) => Self::Ignored,
            (true, true) => Self::Hook(HookPolicy { in_sync, on_deletion, ..deletes(annotations) }),
        }
    }
}

/// gitops-engine/pkg/sync/hook/delete_policy.go
fn deletes(annotations: &BTreeMap<String, String>) -> HookPolicy {
    let mut policy = HookPolicy { delete_before: false, ..HookPolicy::DEFAULT };
    let argo = list(annotations, "argocd.argoproj.io/hook-delete-policy");
    for text in argo.chain(list(annotations, "helm.sh/hook-delete-policy")) {
        match text {
            "BeforeHookCreation" | "before-hook-creation" => policy.delete_before = true,
            "HookSucceeded" | "HookFailed" | "hook-succeeded" | "hook-failed" => policy.delete_after = true,
            _ => {}
        }
    }
    policy.delete_before |= !policy.delete_after;
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(pairs: &[(&str, &str)]) -> Part {
        Part::of(&pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
    }

    const ARGO: &str = "argocd.argoproj.io/hook";
    const HELM: &str = "helm.sh/hook";

    #[test]
    fn the_cases_of_argo_cds_own_hook_tests_hold() {
        let runs = |part| matches!(part, Part::Hook(policy) if policy.in_sync && !policy.on_deletion);
        assert_eq!(part(&[]), Part::Resource);
        assert!(["PreSync", "Sync", "PostSync", "SyncFail"].iter().all(|hook| runs(part(&[(ARGO, hook)]))));
        assert_eq!(part(&[(ARGO, "Skip")]), Part::Skipped);
        assert_eq!(part(&[(ARGO, "Garbage")]), Part::Ignored);
        assert!(runs(part(&[(ARGO, "Skip,PreSync,PostSync")])));
        assert!(runs(part(&[(ARGO, "Sync, Garbage")])));
        assert!(runs(part(&[(HELM, "pre-install")])));
        assert_eq!(part(&[(HELM, "crd-install")]), Part::Resource);
        assert_eq!(part(&[(HELM, "test")]), Part::Ignored);
    }

    #[test]
    fn deletion_hooks_may_run_in_a_sync_too() {
        let policy = |part| match part {
            Part::Hook(policy) => (policy.in_sync, policy.on_deletion),
            other => panic!("{other:?}"),
        };
        assert_eq!(policy(part(&[(ARGO, "PostDelete")])), (false, true));
        assert_eq!(policy(part(&[(HELM, "pre-delete")])), (false, true));
        assert_eq!(policy(part(&[(HELM, "pre-delete,post-install")])), (true, true));
    }

    #[test]
    fn a_delete_policy_replaces_the_default() {
        let policy = |value| match part(&[(ARGO, "Sync"), ("argocd.argoproj.io/hook-delete-policy", value)]) {
            Part::Hook(policy) => (policy.delete_before, policy.delete_after),
            other => panic!("{other:?}"),
        };
        assert_eq!(policy("garbage"), (true, false));
        assert_eq!(policy("HookSucceeded"), (false, true));
        assert_eq!(policy("BeforeHookCreation, HookFailed"), (true, true));
    }

    #[test]
    fn an_object_that_switches_server_side_apply_off_wins() {
        let options = |text: &str| {
            ObjectOptions::of(&BTreeMap::from([(
                "argocd.argoproj.io/sync-options".to_owned(),
                text.to_owned(),
            )]))
        };
        assert_eq!(options("ServerSideApply=true,ServerSideApply=false").server_side_apply, Some(false));
        assert_eq!(options("Prune=confirm, Prune=false").prune_disabled, Some(false));
        assert!(options(" Replace=true , Force=true").force);
    }
}
