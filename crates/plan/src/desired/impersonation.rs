//! Sync impersonation: one service account for each project and namespace.
//!
//! That controller and server may act as them, by name, is among the needs (`argocd`, feature/impersonate.rs).

use std::collections::BTreeMap;

use argocd::{AppProject, Application, DestinationServiceAccount, Identity, SyncIdentity};
use facts::ClusterArn;
use fleet::{Fleet, Version};
use serde_json::json;

use super::{
    kubernetes_rbac::{self, Subject},
    site::{App, Site, Spoke},
    trust::ServiceAccount,
    wanted::{Wanted, whole},
};
use crate::{names, object::ObjectId};

/// From this version [`SyncIdentity::decide`] can tell apart "nothing matches" and "refused" (`enforced`, argo-cd#28595).
const ENFORCED_SINCE: Version = Version { major: 3, minor: 5 };

/// As whom an Application syncs once the plan is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SyncAccount {
    /// Its project names this one already.
    Named(argocd::ServiceAccount),
    /// The plan makes this one, and adds the entry to the project.
    Planned(argocd::ServiceAccount, DestinationServiceAccount),
    /// Argo CD refuses what its project says, with this message.
    Refused(String),
}

/// The first entry of its project that matches, as Argo CD has it (util/settings/impersonation.go); else one service
/// account for each project and destination namespace.
pub(super) fn choose(
    fleet: &Fleet,
    project: Option<&AppProject>,
    application: &Application,
    server: &str,
) -> SyncAccount {
    let argocd = &fleet.hub.argocd;
    if let Some(project) = project {
        match SyncIdentity::decide(project, application, server, &argocd.namespace, false, ENFORCED_SINCE) {
            SyncIdentity::ServiceAccount(account) => return SyncAccount::Named(account),
            SyncIdentity::Refused(message) => return SyncAccount::Refused(message),
            SyncIdentity::ArgoCd => {}
        }
    }
    let name = names::subdomain(&format!("oarlock-{}", application.project));
    // Without a destination namespace Argo CD takes the Application's own, which another Application needn't share.
    let (namespace, written) = match application.destination.namespace.as_str() {
        "" => (argocd.namespace.as_str(), format!("{}:{name}", argocd.namespace)),
        namespace => (namespace, name.clone()),
    };
    let entry = DestinationServiceAccount {
        server: server.to_owned(),
        namespace: application.destination.namespace.clone(),
        default_service_account: written,
    };
    let account = argocd::ServiceAccount { namespace: namespace.into(), name: name.into() };
    SyncAccount::Planned(account, entry)
}

/// The same for an Application of a site; none where its cluster or the cluster's URL isn't known.
pub(super) fn account_of(site: &Site<'_>, app: &App<'_>) -> Option<SyncAccount> {
    let server = site.spoke(app.cluster.as_ref()?)?.server()?;
    let application = app.application;
    Some(choose(site.fleet, site.project(&application.project), application, &server))
}

/// The service accounts of each cluster, and whether the plan makes them.
pub(super) fn accounts(site: &Site<'_>) -> BTreeMap<ClusterArn, BTreeMap<ServiceAccount, bool>> {
    let mut accounts: BTreeMap<ClusterArn, BTreeMap<ServiceAccount, bool>> = BTreeMap::new();
    if !site.impersonation {
        return accounts;
    }
    for app in &site.applications {
        let Some(cluster) = &app.cluster else { continue };
        let (account, planned) = match account_of(site, app) {
            Some(SyncAccount::Planned(account, _)) => (account, true),
            Some(SyncAccount::Named(account)) => (account, false),
            Some(SyncAccount::Refused(_)) | None => continue,
        };
        let account =
            ServiceAccount { namespace: account.namespace.to_string(), name: account.name.to_string() };
        *accounts.entry(cluster.clone()).or_default().entry(account).or_default() |= planned;
    }
    accounts
}

/// Service accounts that the plan makes. They run no pods, so no token is mounted for them.
pub(super) fn add(site: &Site<'_>, wanted: &mut Wanted) -> BTreeMap<ClusterArn, Vec<ObjectId>> {
    let mut ids: BTreeMap<ClusterArn, Vec<ObjectId>> = BTreeMap::new();
    for (cluster, accounts) in accounts(site) {
        for account in accounts.into_iter().filter(|(_, planned)| *planned).map(|(account, _)| account) {
            let after = kubernetes_rbac::namespace(&cluster, &account.namespace, wanted);
            let content = json!({ "automountServiceAccountToken": false });
            let object =
                whole(site, ("v1", "ServiceAccount"), Some(&account.namespace), &account.name, content);
            let reason = format!("Argo CD syncs to namespace {} as it", account.namespace);
            let id = wanted.add_kubernetes(&cluster, object, reason, after);
            ids.entry(cluster.clone()).or_default().push(id);
        }
    }
    ids
}

/// The impersonated identities of a cluster's needs, as subjects.
pub(super) fn subjects(spoke: &Spoke<'_>) -> Vec<Subject> {
    let accounts = spoke.needs.identities().into_iter().filter_map(|identity| match identity {
        Identity::Impersonated { namespace, name } => Some((identity, namespace, name)),
        Identity::Controller | Identity::Server => None,
    });
    accounts
        .map(|(identity, namespace, name)| Subject {
            suffix: format!("sa-{namespace}.{name}"),
            subject: kubernetes_rbac::service_account_subject(namespace, name),
            permissions: spoke.permissions(|other| other == identity),
            whom: format!("service account {namespace}/{name}, as which Argo CD syncs"),
        })
        .collect()
}
