//! `Force=true`: delete and create again where the API server refuses the change.
//!
//! kubectl/pkg/cmd/apply/patcher.go (deleteAndCreate) and kubectl/pkg/cmd/replace/replace.go (forceReplace): delete, get
//! until it is gone, create. After `replace --force` kubectl also lists and watches the object, and goes on if that is
//! forbidden (kubectl/pkg/cmd/delete/delete.go, DeleteResult): that isn't needed.
//! With server-side apply kubectl refuses `--force`, so nothing is asked.

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    feature::replace::is_updated,
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, sync: &Identity, target: &Target<'_>) {
    let updated = target.uses_replace() && is_updated(target);
    if !target.is_applied() || !target.uses_force() || target.uses_server_side_apply() || updated {
        return;
    }
    let why = Why { operation: Operation::Force, setting: Some("Force=true") };
    out.on(sync, target, &["delete", "get"], Naming::Object, why);
    out.on(sync, target, &["create"], Naming::Never, why);
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{Operation, testing::Case};

    #[test]
    fn deletes_waits_and_creates_and_never_updates() {
        let case = Case::default();
        assert_snapshot!(case.lines(
            r#"{apiVersion: batch/v1, kind: Job, metadata: {name: once, annotations: {argocd.argoproj.io/sync-options: "Force=true, Replace=true"}}}"#, &[Operation::Force, Operation::Replace]), @r"
        controller: create jobs.batch in namespace shop <- Replace Job shop/once (app.yaml:1:1)
        controller: create jobs.batch in namespace shop <- Force Job shop/once (app.yaml:1:1)
        controller: delete jobs.batch in namespace shop <- Force Job shop/once (app.yaml:1:1) [NamesChange]
        controller: get jobs.batch in namespace shop <- Force Job shop/once (app.yaml:1:1) [NamesChange]
        ");
    }

    #[test]
    fn with_server_side_apply_kubectl_refuses() {
        let yaml = r#"{apiVersion: batch/v1, kind: Job, metadata: {name: once, annotations: {argocd.argoproj.io/sync-options: "Force=true"}}}"#;
        let case = Case::options(&["ServerSideApply=true"]);
        assert_eq!(case.lines(yaml, &[Operation::Force]), "");
        assert_snapshot!(case.findings(yaml, "force-with-server-side-apply"), @"Error app.yaml:1:1: `Force=true` on `Job shop/once` with server-side apply: kubectl refuses to use both");
    }
}
