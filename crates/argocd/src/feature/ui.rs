//! The UI (and the CLI) on single live resources: view, edit, delete.
//!
//! server/application/application.go: GetResource gets; PatchResource gets nothing before it patches, but the UI shows
//! the live manifest first; DeleteResource deletes. All three take any node of the resource tree, children included.
//! Since Argo CD 3.5 as the impersonated service account.
//!
//! Editing a Role, ClusterRole or binding takes what writing it takes: its rules, held in RBAC (shipped_rbac.rs). Everybody
//! who reaches the UI talks to argocd-server, so it isn't given the rules of every Application for that: such edits aren't
//! planned for its own identity, and a finding says so.

use facts::{Finding, Severity};

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, server: &Identity, tree: &[Target<'_>]) {
    let features = out.context.features;
    for target in tree {
        out.on(server, target, &["get"], Naming::Object, Why::always(Operation::UiGet));
        if features.ui_patch && target.is_rbac() && *server == Identity::Server {
            out.finding(edits_no_rbac());
        } else if features.ui_patch {
            out.on(server, target, &["patch"], Naming::Object, Why::always(Operation::UiPatch));
        }
        if features.ui_delete {
            out.on(server, target, &["delete"], Naming::Object, Why::always(Operation::UiDelete));
        }
    }
}

/// One for the whole cluster.
fn edits_no_rbac() -> Finding {
    Finding::new(
        "ui-edit-of-rbac",
        Severity::Note,
        "editing Roles, ClusterRoles and their bindings in the UI isn't planned for argocd-server: it would have to hold the rules of all of them",
    )
    .with_help("change them in the Applications' repositories; where argocd-server shares the controller's role, it can edit what the controller can")
    .with_help("from Argo CD 3.5, sync impersonation lets the project's service account edit them")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{
        Impersonation, Operation, ServiceAccount,
        testing::{Case, DEPLOYMENT},
    };

    #[test]
    fn reaches_children_too() {
        let case = Case {
            features: fleet::Features { ui_delete: true, ..Case::default().features },
            ..Case::default()
        };
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::UiGet, Operation::UiDelete, Operation::UiPatch]), @r"
        server: delete pods in namespace shop <- UiDelete Deployment shop/web (app.yaml:1:1) [NamesChange]
        server: get pods in namespace shop <- UiGet Deployment shop/web (app.yaml:1:1) [NamesChange]
        server: delete deployments.apps in namespace shop <- UiDelete Deployment shop/web (app.yaml:1:1) [NamesChange]
        server: get deployments.apps in namespace shop <- UiGet Deployment shop/web (app.yaml:1:1) [NamesChange]
        server: delete replicasets.apps in namespace shop <- UiDelete Deployment shop/web (app.yaml:1:1) [NamesChange]
        server: get replicasets.apps in namespace shop <- UiGet Deployment shop/web (app.yaml:1:1) [NamesChange]
        ");
    }

    const ROLE: &str = "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n";

    fn editing() -> Case {
        Case {
            features: fleet::Features { ui_delete: true, ui_patch: true, ..Case::default().features },
            ..Case::default()
        }
    }

    #[test]
    fn the_server_itself_edits_no_rbac_since_it_would_have_to_hold_the_rules() {
        let case = editing();
        assert_snapshot!(case.lines(ROLE, &[Operation::UiPatch, Operation::UiDelete]), @r"
        server: delete configmaps in namespace shop <- UiDelete ConfigMap shop/c (app.yaml:3:1) [NamesChange]
        server: patch configmaps in namespace shop <- UiPatch ConfigMap shop/c (app.yaml:3:1) [NamesChange]
        server: delete roles.rbac.authorization.k8s.io in namespace shop <- UiDelete Role shop/r (app.yaml:1:1) [NamesChange]
        ");
        assert_snapshot!(case.findings(ROLE, "ui-edit-of-rbac"), @"Note : editing Roles, ClusterRoles and their bindings in the UI isn't planned for argocd-server: it would have to hold the rules of all of them");
        assert_eq!(case.findings(DEPLOYMENT, "ui-edit-of-rbac"), "");
    }

    #[test]
    fn a_service_account_that_syncs_a_role_edits_it_too() {
        let account = ServiceAccount { namespace: "shop".into(), name: "deployer".into() };
        let accounts = [("app".into(), account)].into_iter().collect();
        let case = Case { impersonation: Impersonation::On { accounts, enforced: true }, ..editing() };
        assert_snapshot!(case.lines(ROLE, &[Operation::UiPatch, Operation::HoldShippedRules]), @r"
        serviceaccount shop/deployer: patch configmaps in namespace shop <- UiPatch ConfigMap shop/c (app.yaml:3:1) [NamesChange]
        serviceaccount shop/deployer: get pods in namespace shop <- HoldShippedRules Role shop/r (app.yaml:1:1)
        serviceaccount shop/deployer: patch roles.rbac.authorization.k8s.io in namespace shop <- UiPatch Role shop/r (app.yaml:1:1) [NamesChange]
        ");
        assert_eq!(case.findings(ROLE, "ui-edit-of-rbac"), "");
    }
}
