//! Server-side diff: the API server computes what an apply would change.
//!
//! controller/state.go and gitops-engine/pkg/diff/diff.go: `kubectl apply --server-side --dry-run=server` on objects that
//! exist; for absent ones nothing is asked. Up to Argo CD 3.5.1 as the controller, also with sync impersonation.
//! `argocd app diff` takes it wherever the Application's annotation has it, and asks the server, which is never
//! impersonated for it (server/application/application.go, ServerSideDiff; cmd/argocd/commands/app_diff.go).
//! A dry run is authorized, and checked for privilege escalation, as the write itself. argocd-server isn't given the rules
//! of the Applications' Roles for that (ui.rs says why).

use facts::{Finding, Severity};
use rbac::Permission;

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    deployment::Part,
    target::Target,
};

/// Whether a target is compared by server-side diff, and which setting has it so.
pub(super) fn setting(out: &Collector<'_>, target: &Target<'_>) -> Option<&'static str> {
    let compared = matches!(target.part, Part::Resource | Part::Skipped | Part::Live);
    let setting = match target.sync.server_side_diff {
        Some(false) => return None,
        Some(true) => "argocd.argoproj.io/compare-options: ServerSideDiff=true",
        None if out.context.settings.server_side_diff => "controller.diff.server.side: \"true\"",
        None => return None,
    };
    compared.then_some(setting)
}

pub(super) fn needs(out: &mut Collector<'_>, target: &Target<'_>) {
    if let Some(setting) = setting(out, target) {
        let why = Why { operation: Operation::ServerSideDiff, setting: Some(setting) };
        out.on(&Identity::Controller, target, &["patch"], Naming::Object, why);
        if target.sync.server_side_diff != Some(true) {
            return;
        }
        if target.is_rbac() {
            out.finding(compares_no_rbac(target));
        } else {
            out.on(&Identity::Server, target, &["patch"], Naming::Object, why);
            // gitops-engine/pkg/utils/kube/ctl.go, LoadOpenAPISchema.
            out.ask(&Identity::Server, Permission::path("get", "/openapi/v2"), None, None, why, None);
        }
    }
}

fn compares_no_rbac(target: &Target<'_>) -> Finding {
    let of = target.application.map(|name| format!(" of Application `{name}`")).unwrap_or_default();
    let message = format!(
        "`argocd app diff`{of} fails for Roles and bindings that differ: argocd-server dry-runs them, and would have to hold their rules"
    );
    Finding::new("app-diff-of-rbac", Severity::Note, message)
        .with_help("compare with `argocd app diff --server-side-diff=false`; where argocd-server shares the controller's role, it can compare what the controller can")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{
        Operation, Settings,
        testing::{Case, DEPLOYMENT},
    };

    #[test]
    fn patches_with_dry_run_as_the_controller() {
        let case =
            Case { settings: Settings { server_side_diff: true, ..Settings::default() }, ..Case::default() };
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::ServerSideDiff]), @"controller: patch deployments.apps in namespace shop <- ServerSideDiff Deployment shop/web (app.yaml:1:1) [NamesChange]");
    }

    #[test]
    fn the_annotation_has_app_diff_ask_the_server() {
        let mut case = Case::default();
        case.sync.server_side_diff = Some(true);
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::ServerSideDiff]), @r"
        controller: patch deployments.apps in namespace shop <- ServerSideDiff Deployment shop/web (app.yaml:1:1) [NamesChange]
        server: patch deployments.apps in namespace shop <- ServerSideDiff Deployment shop/web (app.yaml:1:1) [NamesChange]
        server: get /openapi/v2 <- ServerSideDiff
        ");
    }

    #[test]
    fn an_application_can_switch_it_off() {
        let mut case =
            Case { settings: Settings { server_side_diff: true, ..Settings::default() }, ..Case::default() };
        case.sync.server_side_diff = Some(false);
        assert_eq!(case.lines(DEPLOYMENT, &[Operation::ServerSideDiff]), "");
    }

    #[test]
    fn the_server_is_not_given_the_rules_of_roles_to_compare_them() {
        let role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}, rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]}";
        let mut case = Case::default();
        case.sync.server_side_diff = Some(true);
        assert_snapshot!(case.lines(role, &[Operation::ServerSideDiff, Operation::HoldShippedRules]), @r"
        controller: get pods cluster-wide <- HoldShippedRules ClusterRole r (app.yaml:1:1)
        controller: patch clusterroles.rbac.authorization.k8s.io `r` cluster-wide <- ServerSideDiff ClusterRole r (app.yaml:1:1)
        ");
        assert_snapshot!(case.findings(role, "app-diff-of-rbac"), @"Note : `argocd app diff` of Application `app` fails for Roles and bindings that differ: argocd-server dry-runs them, and would have to hold their rules");
    }
}
