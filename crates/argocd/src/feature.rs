//! What Argo CD does on target clusters: one file for each thing, each with the source that does it.

mod actions;
pub(crate) mod admission_params;
pub(crate) mod children;
mod client_side_apply;
mod compare;
pub(crate) mod connect;
mod crds;
mod create_namespace;
mod events;
mod exec;
mod finalizer;
mod force;
mod hooks;
mod impersonate;
pub(crate) mod live_cache;
mod logs;
pub(crate) mod other_namespaces;
mod prune;
mod rbac_reconcile;
mod replace;
mod server_side_apply;
mod server_side_diff;
pub(crate) mod shipped_rbac;
mod ui;

use crate::{Deployment, catalog::Catalog, collector::Collector, needs::Actors, target::Target};

/// Everything that is done for one Application.
pub(crate) fn of_application(
    out: &mut Collector<'_>,
    actors: &Actors,
    deployment: &Deployment,
    targets: &[Target<'_>],
    catalog: &Catalog<'_>,
) {
    for target in targets {
        compare::needs(out, target);
        server_side_diff::needs(out, target);
        if let Some(sync) = &actors.sync {
            client_side_apply::needs(out, sync, target);
            server_side_apply::needs(out, sync, target);
            replace::needs(out, sync, target);
            force::needs(out, sync, target);
            rbac_reconcile::needs(out, sync, target);
            crds::needs(out, sync, target);
            hooks::needs(out, sync, target);
            prune::needs(out, sync, target);
        }
        if let Some(deletion) = &actors.deletion {
            finalizer::needs(out, deletion, target);
            hooks::on_deletion(out, deletion, target);
        }
    }
    if let Some(sync) = &actors.sync {
        create_namespace::needs(out, sync, deployment, targets);
    }
    impersonate::needs(out, actors, deployment.application());
    of_server(out, actors, targets, catalog);
}

fn of_server(out: &mut Collector<'_>, actors: &Actors, targets: &[Target<'_>], catalog: &Catalog<'_>) {
    let tree = children::tree(targets, catalog, out.context, out.filter.as_ref());
    exec::needs(out, &tree);
    if let Some(server) = &actors.server {
        ui::needs(out, server, &tree);
        logs::needs(out, server, &tree);
        events::needs(out, server, &tree);
        actions::needs(out, server, &tree, catalog);
    }
}
