//! Events of a resource: core `events` are listed, in the resource's namespace.
//!
//! server/application/application.go (ListResourceEvents): the namespace of the request is the resource's own, which is
//! empty for a cluster-scoped one: its events are listed in all namespaces at once.

use rbac::Permission;

use crate::{
    Identity, Operation,
    collector::{Collector, Why},
    target::Target,
};

pub(super) fn needs(out: &mut Collector<'_>, server: &Identity, tree: &[Target<'_>]) {
    if !out.context.features.events {
        return;
    }
    for target in tree {
        let list = Permission::resource(target.scope(), "", "events", "list");
        let object =
            target.first.map(|f| (Some(f.place.clone()), target.object(&f.name).into(), target.objects));
        out.ask(server, list, target.application, object, Why::always(Operation::Events), None);
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
    fn lists_events_in_the_namespaces_of_objects() {
        let case = Case {
            features: fleet::Features { events: true, ..Case::default().features },
            ..Case::default()
        };
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::Events]), @"server: list events in namespace shop <- Events Deployment shop/web (app.yaml:1:1) and 2 more");
    }

    #[test]
    fn events_of_cluster_scoped_objects_are_listed_everywhere() {
        let case = Case {
            features: fleet::Features { events: true, ..Case::default().features },
            ..Case::default()
        };
        assert_snapshot!(case.lines("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}", &[Operation::Events]), @"server: list events cluster-wide <- Events Namespace shop (app.yaml:1:1)");
    }
}
