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
