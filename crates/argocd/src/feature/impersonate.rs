//! Sync impersonation: Argo CD acts as a service account of the target cluster.
//!
//! controller/sync.go, controller/appcontroller.go, and since 3.5 server/application/application.go send only the user
//! name; the API server then asks for `impersonate` on core `serviceaccounts`, in its namespace and with its name
//! (apiserver/pkg/endpoints/filters/impersonation). What never moves: live cache, compare, server-side diff, the web
//! terminal, version and discovery.

use rbac::{Permission, Scope};

use crate::{
    Identity, Operation,
    collector::{Collector, Why},
    needs::Actors,
};

pub(super) fn needs(out: &mut Collector<'_>, actors: &Actors) {
    let why = Why {
        operation: Operation::Impersonate,
        setting: Some("application.sync.impersonation.enabled: \"true\""),
    };
    let sides = [
        (Identity::Controller, [&actors.sync, &actors.deletion]),
        (Identity::Server, [&actors.server, &actors.server]),
    ];
    for (who, acted) in sides {
        for account in acted.into_iter().flatten() {
            if let Identity::Impersonated { namespace, name } = account {
                let scope = Scope::Namespace(namespace.clone());
                let permission =
                    Permission::resource(scope, "", "serviceaccounts", "impersonate").named(name);
                out.ask(&who, permission, None, None, why, None);
            }
        }
    }
}
