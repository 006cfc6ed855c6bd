//! Comparing: objects that the live cache doesn't hold are read one by one.
//!
//! gitops-engine/pkg/cache/cluster.go, GetManagedLiveObjs: an object that exists without the Application's mark, one of a
//! kind that isn't watched, and one whose version can't be converted. Always the controller's own identity, also with
//! sync impersonation.

use crate::{
    Identity, Operation,
    collector::{Collector, Naming, Why},
    deployment::Part,
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, target: &Target<'_>) {
    if target.part == Part::Orphan {
        return;
    }
    out.on(&Identity::Controller, target, &["get"], Naming::Object, Why::always(Operation::Compare));
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{
        Operation,
        testing::{Case, DEPLOYMENT},
    };

    #[test]
    fn the_controller_reads_what_the_cache_lacks() {
        let case = Case::default();
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::Compare]), @"controller: get deployments.apps in namespace shop <- Compare Deployment shop/web (app.yaml:1:1) [NamesChange]");
    }

    #[test]
    fn exact_names_name_namespaced_objects_too() {
        let case = Case { names: fleet::Names::Exact, ..Case::default() };
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::Compare]), @"controller: get deployments.apps `web` in namespace shop <- Compare Deployment shop/web (app.yaml:1:1)");
    }

    #[test]
    fn no_names_are_beyond_the_needs() {
        let case = Case { names: fleet::Names::Any, ..Case::default() };
        assert_snapshot!(case.lines("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}", &[Operation::Compare]), @"controller: get namespaces cluster-wide <- Compare Namespace shop (app.yaml:1:1) [NamesNotWanted]");
    }
}
