//! IAM's and EKS's objects, put and removed as AWS's own calls do it.

use std::collections::BTreeMap;

use facts::Place;
use inventory::{Account, Cluster, Known};
use serde_json::{Value, json};

use super::{PLAN, made};
use crate::{AccessEntry, AuthenticationMode, IamRole, OidcProvider, PodIdentityAssociation, capability};

pub(super) fn put_role(account: &mut Account, role: &IamRole, is_new: bool) {
    let Some(roles) = account.roles.known_mut() else { return };
    let before = roles.remove(&role.arn.name).filter(|_| !is_new);
    let arn = &role.arn;
    let policy_arn =
        |name: &String| format!("arn:{}:iam::{}:policy{}{name}", arn.partition, arn.account, arn.path);
    let managed: BTreeMap<String, Value> =
        role.managed_policies.iter().map(|(name, document)| (policy_arn(name), json!(document))).collect();
    let mut tags = before.as_ref().map(|before| before.tags.clone()).unwrap_or_default();
    tags.extend(role.tags.clone());
    let there = inventory::IamRole {
        arn: arn.clone(),
        role_id: before.as_ref().and_then(|before| before.role_id.clone()),
        description: Some(role.description.clone()),
        trust: json!(role.trust),
        inline_policies: role
            .inline_policies
            .iter()
            .map(|(name, document)| (name.clone(), json!(document)))
            .collect(),
        managed_policies: managed
            .iter()
            .map(|(arn, document)| (arn.clone(), Some(document.clone())))
            .collect(),
        permissions_boundary: before.as_ref().and_then(|before| before.permissions_boundary.clone()),
        tags,
        place: Place::file(PLAN),
        places: Default::default(),
        create_date: made(is_new, before.and_then(|before| before.create_date)),
    };
    roles.insert(arn.name.clone(), there);
    account.managed_policies.extend(managed);
}

pub(super) fn remove_role(account: &mut Account, name: &str) {
    if let Some(roles) = account.roles.known_mut() {
        roles.remove(name);
    }
}

/// A provider that is there keeps its audiences and gets those that it lacks.
pub(super) fn put_provider(account: &mut Account, wanted: &OidcProvider) {
    let partition = account
        .roles
        .known()
        .and_then(|roles| roles.values().next())
        .map_or_else(|| "aws".to_owned(), |role| role.arn.partition.to_string());
    let Some(providers) = account.oidc_providers.known_mut() else { return };
    let host = wanted.url.trim_start_matches("https://");
    let provider = providers.entry(host.to_owned()).or_insert_with(|| inventory::OidcProvider {
        arn: format!("arn:{partition}:iam::{}:oidc-provider/{host}", wanted.account),
        client_ids: Known::Known(Vec::new()),
        tags: wanted.tags.clone(),
        place: Place::file(PLAN),
    });
    if let Some(ids) = provider.client_ids.known_mut() {
        let lacking: Vec<String> = wanted.client_ids.iter().filter(|id| !ids.contains(id)).cloned().collect();
        ids.extend(lacking);
    }
}

pub(super) fn remove_provider(account: &mut Account, url: &str) {
    if let Some(providers) = account.oidc_providers.known_mut() {
        providers.remove(url.trim_start_matches("https://"));
    }
}

/// Which entries EKS makes then, for the cluster's creator for example, isn't known; the plan's own are put after it.
pub(super) fn put_mode(cluster: &mut Cluster, wanted: &AuthenticationMode) {
    if let Some(description) = cluster.description.known_mut() {
        description.authentication_mode = Some(wanted.mode.clone());
    }
}

/// Access policies are taken away, except those by which EKS runs its own capability.
pub(super) fn put_entry(cluster: &mut Cluster, wanted: &AccessEntry, is_new: bool) {
    let Some(entries) = cluster.access_entries.known_mut() else { return };
    let principal = wanted.principal.to_string();
    let before = entries.remove(&principal).filter(|_| !is_new);
    let mut tags = before.as_ref().map(|before| before.tags.clone()).unwrap_or_default();
    tags.extend(wanted.tags.clone());
    let policies = before.as_ref().map_or(Known::Known(Vec::new()), |before| match &before.policies {
        Known::Gap(gap) => Known::Gap(gap.clone()),
        Known::Known(all) => {
            Known::Known(all.iter().filter(|(arn, _)| capability::is_given(arn)).cloned().collect())
        }
    });
    let entry = inventory::AccessEntry {
        principal: principal.clone(),
        kind: "STANDARD".to_owned(),
        groups: wanted.groups.clone(),
        username: before.as_ref().and_then(|before| before.username.clone()),
        policies,
        tags,
        place: Place::file(PLAN),
        created_at: made(is_new, before.and_then(|before| before.created_at)),
    };
    entries.insert(principal, entry);
}

pub(super) fn remove_entry(cluster: &mut Cluster, principal: &str) {
    if let Some(entries) = cluster.access_entries.known_mut() {
        entries.remove(principal);
    }
}

pub(super) fn put_association(cluster: &mut Cluster, wanted: &PodIdentityAssociation) {
    let Some(associations) = cluster.pod_identity_associations.known_mut() else { return };
    let key = (wanted.namespace.clone(), wanted.service_account.clone());
    let before = associations.remove(&key);
    let mut tags = before.as_ref().map(|before| before.tags.clone()).unwrap_or_default();
    tags.extend(wanted.tags.clone());
    let association = inventory::PodIdentityAssociation {
        id: before.map(|before| before.id).unwrap_or_default(),
        role: Known::Known(wanted.role.clone()),
        target_role: None,
        session_tags_disabled: false,
        session_policy: None,
        tags,
        place: Place::file(PLAN),
    };
    associations.insert(key, association);
}

pub(super) fn remove_association(cluster: &mut Cluster, namespace: &str, account: &str) {
    if let Some(associations) = cluster.pod_identity_associations.known_mut() {
        associations.remove(&(namespace.to_owned(), account.to_owned()));
    }
}
