//! Sync impersonation: one service account for each project and namespace, and who may act as it.

use std::collections::{BTreeMap, BTreeSet};

use argocd::Identity;
use facts::ClusterArn;
use fleet::{Fleet, Version};
use rbac::{Permission, PermissionSet, Scope};
use serde_json::json;

use super::{
    glob,
    kubernetes_rbac::{self, Subject},
    site::{App, DestinationServiceAccount, Site, Spoke},
    trust::ServiceAccount,
    wanted::{Wanted, whole},
};
use crate::{names, object::ObjectId};

/// From this version the server acts as the service account too (argo-cd#26898).
const SERVER_SINCE: Version = Version { major: 3, minor: 5 };

/// A service account that an Application syncs as.
pub(super) struct Account {
    pub(super) account: ServiceAccount,
    /// The entry that the AppProject needs for it; absent where the project has one already.
    pub(super) entry: Option<DestinationServiceAccount>,
}

/// The service account of an Application, as Argo CD will choose it (util/settings/impersonation.go): the first entry
/// of its project that matches, else the one that the plan adds.
pub(super) fn account_of(site: &Site<'_>, app: &App) -> Option<Account> {
    let spoke = site.spoke(app.cluster.as_ref()?)?;
    let server = spoke.server()?;
    let project = site.projects.iter().find(|project| project.name == app.project);
    let existing = project.into_iter().flat_map(|project| &project.service_accounts).find(|entry| {
        glob::matches(&entry.server, &server) && glob::matches(&entry.namespace, &app.destination_namespace)
    });
    if let Some(entry) = existing {
        return Some(Account { account: named(&entry.default_service_account, app), entry: None });
    }
    let name = names::subdomain(&format!("oarlock-{}", app.project));
    // Without a destination namespace Argo CD takes the Application's own, which another Application needn't share.
    let (namespace, written) = match app.destination_namespace.as_str() {
        "" => (site.namespace(), format!("{}:{name}", site.namespace())),
        namespace => (namespace, name.clone()),
    };
    let entry = DestinationServiceAccount {
        server,
        namespace: app.destination_namespace.clone(),
        default_service_account: written,
    };
    Some(Account { account: ServiceAccount { namespace: namespace.to_owned(), name }, entry: Some(entry) })
}

/// `name` in the destination's namespace (else the Application's), or `namespace:name`.
fn named(text: &str, app: &App) -> ServiceAccount {
    let fallback = if app.destination_namespace.is_empty() { &app.namespace } else { &app.destination_namespace };
    let (namespace, name) = text.split_once(':').unwrap_or((fallback, text));
    ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() }
}

/// The service accounts of each cluster, and whether the plan makes them.
pub(super) fn accounts(site: &Site<'_>) -> BTreeMap<ClusterArn, BTreeMap<ServiceAccount, bool>> {
    let mut accounts: BTreeMap<ClusterArn, BTreeMap<ServiceAccount, bool>> = BTreeMap::new();
    if !site.impersonation {
        return accounts;
    }
    for app in &site.applications {
        let (Some(cluster), Some(account)) = (&app.cluster, account_of(site, app)) else { continue };
        let planned = account.entry.is_some();
        *accounts.entry(cluster.clone()).or_default().entry(account.account).or_default() |= planned;
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

/// What an identity needs to act as the service accounts of a cluster: `impersonate` on each by name.
pub(super) fn permissions(site: &Site<'_>, spoke: &Spoke<'_>, identities: &[Identity]) -> PermissionSet {
    let acts = |identity: &Identity| match identity {
        Identity::Controller => true,
        Identity::Server => server_impersonates(site.fleet),
        Identity::Impersonated { .. } => false,
    };
    if !identities.iter().any(acts) {
        return PermissionSet::new();
    }
    let accounts = accounts(site).remove(spoke.arn).unwrap_or_default();
    accounts
        .into_keys()
        .map(|account| {
            let scope = Scope::Namespace(account.namespace.as_str().into());
            Permission::resource(scope, "", "serviceaccounts", "impersonate").named(&account.name)
        })
        .collect()
}

/// The impersonated identities of a cluster's needs, as subjects.
pub(super) fn subjects(spoke: &Spoke<'_>) -> Vec<Subject> {
    let identities: BTreeSet<&Identity> = spoke.needs.needs.iter().map(|need| &need.identity).collect();
    let accounts = identities.into_iter().filter_map(|identity| match identity {
        Identity::Impersonated { namespace, name } => Some((identity, namespace, name)),
        Identity::Controller | Identity::Server => None,
    });
    accounts
        .map(|(identity, namespace, name)| Subject {
            suffix: format!("sa-{namespace}.{name}"),
            subject: kubernetes_rbac::service_account_subject(namespace, name),
            permissions: spoke.permissions(|other| other == identity),
            whom: format!("service account {namespace}/{name}, as which Argo CD syncs,"),
        })
        .collect()
}

fn server_impersonates(fleet: &Fleet) -> bool {
    fleet.hub.argocd.version >= SERVER_SINCE
}
