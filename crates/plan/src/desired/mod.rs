//! Desired objects: what should exist for Argo CD to have exactly what it needs, one file for each kind of thing.
//!
//! Each file adds its objects to [`Wanted`], with a reason and with what must be there before. The order makes before
//! it breaks: IAM, then access entries and RBAC, then Argo CD's settings, then what ties pods to roles. Secrets of
//! clusters that Argo CD reaches with its pods' role today change before that role does (`bridge`), the others after.

mod access_entries;
mod app_projects;
mod argocd_settings;
mod assume_role_policy;
mod bridge;
mod capability_access;
mod cluster_secrets;
mod groups;
mod hub_roles;
mod identity_binding;
mod impersonation;
mod kubernetes_rbac;
mod live_capability;
pub mod marks;
mod order;
mod policy_association;
mod repository_access;
mod repository_secret;
mod repository_url;
mod resolve;
mod restart;
mod revision;
mod settled;
mod site;
mod spoke_roles;
mod today;
mod trust;
mod wanted;

use std::collections::BTreeMap;

use facts::ClusterArn;

use crate::input::{ClusterNeeds, Input};
use crate::object::ObjectId;
use bridge::Bridge;
pub(crate) use resolve::sync_account;
pub(crate) use settled::{identities, settled};
use site::Site;
pub use wanted::{BeyondGrant, Note, Wanted};

/// Works out what should exist for Argo CD to have what it needs, and no more.
pub fn desired<'a>(input: &'a Input<'a>, needs: &'a [ClusterNeeds]) -> Wanted {
    if input.fleet.ends {
        return nothing();
    }
    of(&resolve::site(input, needs))
}

/// Where the fleet ends.
fn nothing() -> Wanted {
    let mut wanted = Wanted::default();
    wanted.note(
        "what-stays",
        "What the plans before set in objects of Argo CD's own stays as it is: keys of argocd-cm, service accounts and source namespaces of AppProjects; so do namespaces.",
    );
    wanted
}

/// All objects of a site.
fn of(site: &Site<'_>) -> Wanted {
    let mut wanted = Wanted::default();
    let bridge = Bridge::of(site);
    hub_roles::add(site, &bridge, &mut wanted);
    spoke_roles::add(site, &bridge, &mut wanted);
    access_entries::add(site, &bridge, &mut wanted);
    bridge::say(site, &bridge, &mut wanted);
    repository_access::report(site, &mut wanted);
    live_capability::compare(site, &mut wanted);

    let mut ready: BTreeMap<ClusterArn, Vec<ObjectId>> = kubernetes_rbac::add(site, &mut wanted);
    for (cluster, accounts) in impersonation::add(site, &mut wanted) {
        ready.entry(cluster).or_default().extend(accounts);
    }
    access_entries::after_their_rights(site, &mut wanted, &ready);
    policy_association::say(site, &mut wanted);

    // Everything below changes what running pods do, so all that they will need stands above.
    app_projects::add(site, &mut wanted, &ready);
    let mut before_settings: Vec<ObjectId> = ready.values().flatten().cloned().collect();
    if site.impersonation {
        before_settings.extend(projects(&wanted));
    }
    let settings = argocd_settings::add(site, &mut wanted, before_settings);
    let first = cluster_secrets::add(site, &mut wanted, (&bridge, true), &ready, &settings);
    let let_in = [first, let_in_now(site, &bridge, &ready)].concat();
    let bindings = identity_binding::add(site, &mut wanted, &let_in);
    let restart = restart::add(site, &mut wanted, &bindings, &settings);
    let before = [bindings, settings, restart].concat();
    cluster_secrets::add(site, &mut wanted, (&bridge, false), &ready, &before);
    wanted.finish()
}

/// Impersonation finds the service accounts in them.
fn projects(wanted: &Wanted) -> impl Iterator<Item = ObjectId> {
    wanted.desired.objects.iter().map(crate::DesiredObject::id).filter(|id| id.kind == "AppProject")
}

/// What lets the hub's new roles in on clusters that Argo CD reaches with its pods' role today, and whose Secret can't
/// be changed first.
fn let_in_now(
    site: &Site<'_>,
    bridge: &Bridge,
    ready: &BTreeMap<ClusterArn, Vec<ObjectId>>,
) -> Vec<ObjectId> {
    let late = site.spokes.iter().filter(|spoke| !bridge.is_first(spoke.arn));
    let reached = late.filter(|spoke| !spoke.in_cluster && bridge::needs_pods_role(spoke));
    reached
        .flat_map(|spoke| {
            let entries = cluster_secrets::entries(site, spoke, bridge);
            ready.get(spoke.arn).into_iter().flatten().cloned().chain(entries)
        })
        .collect()
}
