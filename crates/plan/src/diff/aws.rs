//! IAM's and EKS's objects, each as what AWS's own describe calls show of it.

use std::collections::BTreeMap;

use access::cluster_identity::{self, Refusal, Resolved};
use facts::{AccountId, Gap};
use fleet::{Fleet, Install};
use inventory::{Cluster, Inventory, Known};
use serde_json::{Value, json};

use super::{Current, is_marked};
use crate::{AccessEntry, AuthenticationMode, IamRole, OidcProvider, PodIdentityAssociation, capability};

pub(super) fn role(wanted: &IamRole, inventory: &Inventory, fleet: &str) -> Current {
    let Some(account) = inventory.accounts.get(&wanted.arn.account) else {
        return Current::Unknown(missing_account(wanted.arn.account.as_str()));
    };
    let found = match &account.roles {
        Known::Gap(gap) => return Current::Unknown(gap.clone()),
        Known::Known(roles) => roles.get(&wanted.arn.name),
    };
    let Some(role) = found else { return Current::Absent };
    let name = |arn: &String| arn.rsplit('/').next().unwrap_or(arn).to_owned();
    let managed = role.managed_policies.iter().map(|(arn, document)| (name(arn), document.as_ref()));
    let inline = role.inline_policies.iter().map(|(name, document)| (name.clone(), Some(document)));
    Current::Present {
        value: json!({
            "path": role.arn.path,
            "trust policy": policy(&role.trust),
            "inline policies": policies(inline),
            "managed policies": policies(managed),
            "tags": role.tags,
        }),
        owned: is_marked(|key| role.tags.get(key).map(String::as_str), fleet),
        immutable: &["path"],
        strict: &[],
    }
}

pub(super) fn wanted_role(role: &IamRole) -> Value {
    let documents = |documents: &BTreeMap<String, iam::Document>| {
        let json: BTreeMap<_, _> = documents.iter().map(|(name, document)| (name, json!(document))).collect();
        policies(json.iter().map(|(name, document)| ((*name).clone(), Some(document))))
    };
    json!({
        "path": role.arn.path,
        "trust policy": policy(&json!(role.trust)),
        "inline policies": documents(&role.inline_policies),
        "managed policies": documents(&role.managed_policies),
        "tags": role.tags,
    })
}

pub(super) fn oidc_provider(wanted: &OidcProvider, inventory: &Inventory, fleet: &str) -> Current {
    let Some(account) = inventory.accounts.get(&wanted.account) else {
        return Current::Unknown(missing_account(wanted.account.as_str()));
    };
    let host = wanted.url.trim_start_matches("https://");
    match &account.oidc_providers {
        Known::Gap(gap) => Current::Unknown(gap.clone()),
        Known::Known(providers) => match providers.get(host) {
            None => Current::Absent,
            Some(provider) => match &provider.client_ids {
                Known::Gap(gap) => Current::Unknown(gap.clone()),
                // The provider is shared by everything in the cluster that uses IRSA: all that is wanted of it is
                // that it is there and knows our audience, whoever made it. One that does stays its maker's.
                Known::Known(ids) => {
                    let ours: Vec<_> = wanted.client_ids.iter().filter(|id| ids.contains(id)).collect();
                    let lacks_ours = ours.len() < wanted.client_ids.len();
                    Current::Present {
                        owned: is_marked(|key| provider.tags.get(key).map(String::as_str), fleet)
                            || lacks_ours && !ids.is_empty(),
                        value: json!({ "client ids": ours }),
                        immutable: &[],
                        strict: &[],
                    }
                }
            },
        },
    }
}

pub(super) fn wanted_provider(provider: &OidcProvider) -> Value {
    json!({ "client ids": provider.client_ids })
}

/// The fleet file asks for it, so it is the plan's to change; and what takes entries already is as it should be.
pub(super) fn authentication_mode(wanted: &AuthenticationMode, inventory: &Inventory) -> Current {
    let mode =
        cluster(&wanted.cluster.to_string(), inventory).and_then(cluster_identity::AuthenticationMode::of);
    match mode {
        Err(gap) => Current::Unknown(gap),
        Ok(mode) => Current::Present {
            value: if mode.reads_entries() { wanted_mode(wanted) } else { json!({ "mode": mode.as_str() }) },
            owned: true,
            immutable: &[],
            strict: &[],
        },
    }
}

pub(super) fn wanted_mode(wanted: &AuthenticationMode) -> Value {
    json!({ "mode": wanted.mode })
}

/// `fleet` decides whose policies are looked at: those that EKS gives the capability's own role on the hub stay. Others that
/// the role got there, too, are looked at as anywhere.
pub(super) fn access_entry(wanted: &AccessEntry, inventory: &Inventory, fleet: &Fleet) -> Current {
    let cluster = match cluster(&wanted.cluster.to_string(), inventory) {
        Ok(cluster) => cluster,
        Err(gap) => return Current::Unknown(gap),
    };
    let entries = match &cluster.access_entries {
        Known::Gap(gap) => return Current::Unknown(gap.clone()),
        Known::Known(entries) => entries,
    };
    let Some(entry) = entries.get(&wanted.principal.to_string()) else { return Current::Absent };
    let policies = match &entry.policies {
        Known::Gap(gap) => return Current::Unknown(gap.clone()),
        Known::Known(policies) => policies,
    };
    let given_by_eks = fleet.hub.argocd.install == Install::EksCapability && wanted.cluster == fleet.hub.arn;
    let policies =
        policies.iter().map(|(arn, _)| arn).filter(|arn| !(given_by_eks && capability::is_given(arn)));
    let mut groups = entry.groups.clone();
    groups.sort();
    // EKS's own stays: without the policies that it gives, the capability doesn't run.
    let made_for = if !given_by_eks && is_stale(inventory, cluster, entry) { EARLIER } else { THIS };
    Current::Present {
        value: json!({
            "made for": made_for,
            "type": entry.kind,
            "groups": groups,
            "access policies": policies.collect::<Vec<_>>(),
            "tags": entry.tags,
        }),
        owned: is_marked(|key| entry.tags.get(key).map(String::as_str), &fleet.name),
        immutable: &["made for", "type"],
        strict: &[],
    }
}

/// For whom an access entry was made: EKS keeps the unique id of the role that there was, and shows it to nobody.
const THIS: &str = "the role of that name";
const EARLIER: &str = "an earlier role of that name";

/// Whether an entry was made for an earlier role of its name, as far as the dates tell: then it gives today's nothing.
pub(crate) fn is_stale(inventory: &Inventory, cluster: &Cluster, entry: &inventory::AccessEntry) -> bool {
    match access::caller(inventory, &entry.principal) {
        // The plan makes it, then.
        Err(access::NoCaller::NoSuchRole { .. } | access::NoCaller::NoSuchUser { .. }) => true,
        Err(access::NoCaller::Arn(_)) => false,
        Ok(caller) => match cluster_identity::resolve(cluster, &caller) {
            Resolved::Nobody { why } => why.iter().any(|why| matches!(why, Refusal::Stale { .. })),
            _ => false,
        },
    }
}

pub(super) fn wanted_entry(entry: &AccessEntry) -> Value {
    let mut groups = entry.groups.clone();
    groups.sort();
    json!({ "made for": THIS, "type": "STANDARD", "groups": groups, "access policies": [], "tags": entry.tags })
}

pub(super) fn association(wanted: &PodIdentityAssociation, inventory: &Inventory, fleet: &str) -> Current {
    let cluster = match cluster(&wanted.cluster.to_string(), inventory) {
        Ok(cluster) => cluster,
        Err(gap) => return Current::Unknown(gap),
    };
    let key = (wanted.namespace.clone(), wanted.service_account.clone());
    let found = match &cluster.pod_identity_associations {
        Known::Gap(gap) => return Current::Unknown(gap.clone()),
        Known::Known(associations) => associations.get(&key),
    };
    let Some(association) = found else { return Current::Absent };
    let role = match &association.role {
        Known::Gap(gap) => return Current::Unknown(gap.clone()),
        Known::Known(role) => role,
    };
    Current::Present {
        value: json!({
            "role": role,
            "target role": association.target_role,
            "session tags disabled": association.session_tags_disabled,
            "session policy": association.session_policy,
            "tags": association.tags,
        }),
        owned: is_marked(|key| association.tags.get(key).map(String::as_str), fleet),
        immutable: &[],
        strict: &[],
    }
}

pub(super) fn wanted_association(association: &PodIdentityAssociation) -> Value {
    json!({
        "role": association.role,
        "target role": null,
        "session tags disabled": false,
        "session policy": null,
        "tags": association.tags,
    })
}

fn cluster<'i>(arn: &str, inventory: &'i Inventory) -> Result<&'i Cluster, Gap> {
    let found = inventory.clusters.iter().find(|(known, _)| known.to_string() == arn);
    found.map(|(_, cluster)| cluster).ok_or_else(|| {
        Gap::new(format!("the cluster `{arn}`"), "it isn't in the inventory").filled_by("docs/inventory.md")
    })
}

/// Why an account's roles aren't known, if they aren't.
pub(crate) fn unread_roles(account: &AccountId, inventory: &Inventory) -> Option<Gap> {
    match inventory.accounts.get(account) {
        None => Some(missing_account(account.as_str())),
        Some(account) => account.roles.gap().cloned(),
    }
}

fn missing_account(id: &str) -> Gap {
    Gap::new(format!("the roles of account {id}"), "the account isn't in the inventory")
        .filled_by("aws iam get-account-authorization-details")
}

/// All policies of a role as one list: one that isn't wanted is a difference, too.
fn policies<'d>(documents: impl Iterator<Item = (String, Option<&'d Value>)>) -> Value {
    let mut all: Vec<Value> = documents
        .map(|(name, document)| json!({ "name": name, "document": document.map_or(Value::Null, policy) }))
        .collect();
    all.sort_by_key(ToString::to_string);
    Value::Array(all)
}

/// A policy document as the text of its canonical JSON: a document is one value and not a tree of fields.
fn policy(document: &Value) -> Value {
    Value::String(iam::AnyDocument::of(document.clone(), iam::Kind::of(document)).to_json().to_string())
}
