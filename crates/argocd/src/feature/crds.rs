//! CustomResourceDefinitions: after each apply Argo CD reads the definition until it is established.
//!
//! gitops-engine/pkg/sync/sync_context.go, ensureCRDReady. Their custom resources in the same set need nothing of their
//! own: the definition in the manifests says their plural and scope (catalog.rs), and the dry run skips them while the
//! API server doesn't know them.

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, sync: &Identity, target: &Target<'_>) {
    if target.is_applied() && target.is("apiextensions.k8s.io", "CustomResourceDefinition") {
        out.on(sync, target, &["get"], Naming::Object, Why::always(Operation::CrdReady));
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{Operation, testing::Case};

    #[test]
    fn a_custom_resource_is_known_by_the_definition_beside_it() {
        let case = Case::default();
        assert_snapshot!(case.lines(
            "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: widgets.example.com}, spec: {group: example.com, scope: Namespaced, names: {kind: Widget, plural: widgets}, versions: [{name: v1, served: true, storage: true}]}}
---
{apiVersion: example.com/v1, kind: Widget, metadata: {name: one}}
", &[Operation::ClientSideApply, Operation::CrdReady]), @r"
        controller: create customresourcedefinitions.apiextensions.k8s.io cluster-wide <- ClientSideApply CustomResourceDefinition widgets.example.com (app.yaml:1:1)
        controller: get customresourcedefinitions.apiextensions.k8s.io `widgets.example.com` cluster-wide <- ClientSideApply CustomResourceDefinition widgets.example.com (app.yaml:1:1)
        controller: get customresourcedefinitions.apiextensions.k8s.io `widgets.example.com` cluster-wide <- CrdReady CustomResourceDefinition widgets.example.com (app.yaml:1:1)
        controller: patch customresourcedefinitions.apiextensions.k8s.io `widgets.example.com` cluster-wide <- ClientSideApply CustomResourceDefinition widgets.example.com (app.yaml:1:1)
        controller: create widgets.example.com in namespace shop <- ClientSideApply Widget shop/one (app.yaml:3:1)
        controller: get widgets.example.com in namespace shop <- ClientSideApply Widget shop/one (app.yaml:3:1) [NamesChange]
        controller: patch widgets.example.com in namespace shop <- ClientSideApply Widget shop/one (app.yaml:3:1) [NamesChange]
        ");
    }

    #[test]
    fn a_kind_that_nobody_knows_is_a_gap_with_its_place() {
        let needs =
            Case::default().needs("---\n{apiVersion: example.com/v1, kind: Gadget, metadata: {name: one}}");
        assert!(!needs.is_complete());
        let gaps: Vec<String> = needs.unknown.iter().map(ToString::to_string).collect();
        assert_snapshot!(gaps.join("\n"), @"the plural, scope and verbs of kind `Gadget` in `example.com/v1`: no API discovery, no CustomResourceDefinition in the input and no kind of Kubernetes' own names it, first at app.yaml:2:1");
    }
}
