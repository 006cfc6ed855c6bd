//! The UI (and the CLI) on single live resources: view, edit, delete.
//!
//! server/application/application.go: GetResource gets; PatchResource gets nothing before it patches, but the UI shows
//! the live manifest first; DeleteResource deletes. All three take any node of the resource tree, children included.
//! Since Argo CD 3.5 as the impersonated service account.

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, server: &Identity, tree: &[Target<'_>]) {
    let features = out.context.features;
    for target in tree {
        out.on(server, target, &["get"], Naming::Object, Why::always(Operation::UiGet));
        if features.ui_patch {
            out.on(server, target, &["patch"], Naming::Object, Why::always(Operation::UiPatch));
        }
        if features.ui_delete {
            out.on(server, target, &["delete"], Naming::Object, Why::always(Operation::UiDelete));
        }
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
}
