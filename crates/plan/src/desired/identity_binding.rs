//! What ties the hub's pods to their roles: Pod Identity associations, or an OIDC provider and annotations.

use access::{ROLE_ANNOTATION, STS_AUDIENCE};
use serde_json::json;

use super::{
    hub_roles, marks,
    site::Site,
    wanted::{Wanted, fields, role_id},
};
use crate::object::{Location, Object, ObjectId, OidcProvider, PodIdentityAssociation};

/// One binding for each service account that has a role; their ids, for whoever must wait for them.
///
/// Pods can get their new role from then on (they may be moved at any time, and with Pod Identity credentials are
/// renewed meanwhile), so the controller's and the server's come `after` all that lets the new roles in.
pub(super) fn add(site: &Site<'_>, wanted: &mut Wanted, after: &[ObjectId]) -> Vec<ObjectId> {
    let bound = hub_roles::bound(site);
    if bound.is_empty() {
        return Vec::new();
    }
    if site.pod_identity() {
        return bound.iter().map(|entry| association(site, wanted, entry, after)).collect();
    }
    if let Some(issuer) = &site.issuer {
        provider(site, wanted, issuer);
    }
    bound.iter().map(|entry| annotation(site, wanted, entry, after)).collect()
}

/// The id of the hub's OIDC provider.
pub(super) fn provider_id(site: &Site<'_>, issuer: &str) -> ObjectId {
    ObjectId {
        location: Location::Account(site.hub().account.clone()),
        kind: "oidc provider".to_owned(),
        name: issuer.trim_end_matches('/').to_owned(),
    }
}

/// The role first, and whatever else must be there.
fn needed(entry: &hub_roles::Bound, after: &[ObjectId]) -> Vec<ObjectId> {
    let others = after.iter().filter(|_| entry.reaches_clusters).cloned();
    [role_id(&entry.role)].into_iter().chain(others).collect()
}

fn association(
    site: &Site<'_>,
    wanted: &mut Wanted,
    entry: &hub_roles::Bound,
    after: &[ObjectId],
) -> ObjectId {
    let (namespace, name) = (&entry.account.namespace, &entry.account.name);
    let association = PodIdentityAssociation {
        cluster: site.hub().clone(),
        namespace: namespace.clone(),
        service_account: name.clone(),
        role: entry.role.clone(),
        tags: marks::tags(&site.fleet.name),
    };
    wanted.add(
        Location::Eks(site.hub().clone()),
        Object::PodIdentityAssociation(association),
        format!("gives pods of service account {namespace}/{name} the role {}", entry.role.name),
        needed(entry, after),
    )
}

fn provider(site: &Site<'_>, wanted: &mut Wanted, issuer: &str) {
    let hub = site.hub();
    let provider = OidcProvider {
        account: hub.account.clone(),
        url: issuer.trim_end_matches('/').to_owned(),
        client_ids: vec![STS_AUDIENCE.to_owned()],
        tags: marks::tags(&site.fleet.name),
    };
    wanted.add(
        Location::Account(hub.account.clone()),
        Object::OidcProvider(provider),
        format!("IAM believes the service account tokens of {} only through it", hub.name),
        Vec::new(),
    );
}

fn annotation(
    site: &Site<'_>,
    wanted: &mut Wanted,
    entry: &hub_roles::Bound,
    after: &[ObjectId],
) -> ObjectId {
    let (namespace, name) = (&entry.account.namespace, &entry.account.name);
    let mut object = fields(("v1", "ServiceAccount"), Some(namespace), name, json!({}));
    object.body.edit(|body| {
        if let Some(metadata) = body.get_mut("metadata").and_then(serde_json::Value::as_object_mut) {
            metadata.insert("annotations".to_owned(), json!({ ROLE_ANNOTATION: entry.role.to_string() }));
        }
    });
    wanted.add_kubernetes(
        site.hub(),
        object,
        format!("gives pods of service account {namespace}/{name} the role {}", entry.role.name),
        needed(entry, after),
    )
}
