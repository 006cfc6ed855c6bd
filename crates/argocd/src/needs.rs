//! All features together.

use std::sync::Arc;

use facts::{Finding, Severity};

use crate::{
    ClusterContext, Deployment, Identity, Impersonation, Needs, catalog::Catalog, collector::Collector,
    feature, target::targets,
};

/// Who acts for one Application; absent where Argo CD refuses to act at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actors {
    /// Syncs.
    pub(crate) sync: Option<Identity>,
    /// Deletes the Application's objects with it.
    pub(crate) deletion: Option<Identity>,
    /// Serves the UI.
    pub(crate) server: Option<Identity>,
}

/// What Argo CD needs on one cluster to deploy, track and serve these Applications.
///
/// Every permission is needed by a request that Argo CD's code makes; [`Operation`](crate::Operation) names its file.
pub fn needs(context: &ClusterContext<'_>, deployments: &[&Deployment]) -> Needs {
    let catalog = Catalog::new(context, deployments);
    let mut out = Collector::new(context);
    feature::connect::needs(&mut out);
    feature::other_namespaces::needs(&mut out);
    let mut all = Vec::new();
    for deployment in deployments {
        let actors = actors(&mut out, deployment);
        let targets = targets(deployment, &catalog, &mut out);
        feature::of_application(&mut out, &actors, deployment, &targets, &catalog);
        feature::shipped_rbac::needs(&mut out, &actors, deployment, deployments);
        feature::admission_params::needs(&mut out, &actors, deployment, deployments, &catalog);
        all.extend(targets);
    }
    feature::shipped_rbac::unasked(&mut out);
    feature::shipped_rbac::unused_choice::report(&mut out, deployments);
    feature::live_cache::needs(&mut out, &all, &catalog);
    out.finish()
}

/// What it needs on the cluster that it runs in though it deploys nothing there: to manage Applications outside its own
/// namespace.
pub fn own_needs(context: &ClusterContext<'_>) -> Needs {
    let mut out = Collector::new(context);
    feature::other_namespaces::needs(&mut out);
    out.finish()
}

/// controller/sync.go, controller/appcontroller.go (applyImpersonationConfig), server/application/application.go
/// (getApplicationClusterConfig); syncs are impersonated since 2.13, deletion since 3.3, the server since 3.5.
fn actors(out: &mut Collector<'_>, deployment: &Deployment) -> Actors {
    let version = (out.context.version.major, out.context.version.minor);
    let own = Actors {
        sync: Some(Identity::Controller),
        deletion: Some(Identity::Controller),
        server: Some(Identity::Server),
    };
    let Impersonation::On { accounts, enforced } = out.context.impersonation else { return own };
    let account = accounts.get(deployment.application.as_deref().unwrap_or_default());
    let Some(account) = account else {
        // `enforced` exists since 3.5; before, no matching account always stopped the sync.
        if !enforced && version >= (3, 5) {
            return own;
        }
        out.finding(without_account(deployment.application.as_ref()));
        return Actors {
            sync: None,
            // Since 3.5 deletion goes on as the controller when no account matches (applyImpersonationConfig).
            deletion: (!((3, 3)..(3, 5)).contains(&version)).then_some(Identity::Controller),
            server: (version < (3, 5)).then_some(Identity::Server),
        };
    };
    let impersonated =
        Identity::Impersonated { namespace: Arc::clone(&account.namespace), name: Arc::clone(&account.name) };
    Actors {
        sync: Some(impersonated.clone()),
        deletion: Some(if version >= (3, 3) { impersonated.clone() } else { Identity::Controller }),
        server: Some(if version >= (3, 5) { impersonated } else { Identity::Server }),
    }
}

fn without_account(application: Option<&Arc<str>>) -> Finding {
    let application = application.map_or("", |name| name);
    Finding::new(
        "application-without-service-account",
        Severity::Error,
        format!("Application `{application}` doesn't sync: no service account of its project matches its destination"),
    )
    .with_help("add an entry to the AppProject's `destinationServiceAccounts`")
    .with_help("from Argo CD 3.5: set `application.sync.impersonation.enforced: \"false\"`; it then syncs as the controller")
}
