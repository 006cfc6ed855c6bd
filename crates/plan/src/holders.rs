//! Who Argo CD's identities are to Kubernetes on a cluster: after the plan, and today.

use std::collections::BTreeMap;

use argocd::Identity;
use fleet::{Fleet, Topology};
use inventory::Known;
use rbac::{AggregationRule, Binding, PolicyRule, Role, RoleRef, Subject};
use serde::de::DeserializeOwned;

use crate::{ClusterNeeds, Input, KubernetesObject, diff::todays_roles, proof::Holders};

/// After the plan: groups where Argo CD comes through IAM, service accounts on the hub and where it impersonates.
pub(crate) fn planned(fleet: &Fleet, cluster: &ClusterNeeds) -> Holders {
    let mut holders: Holders = own(fleet, cluster)
        .into_iter()
        .chain(cluster.needs.needs.iter().filter_map(|need| impersonated(&need.identity)))
        .collect();
    // Even an identity without needs is proven to hold no more than the others do.
    holders.retain(|identity, _| {
        matches!(identity, Identity::Controller | Identity::Server)
            || cluster.needs.needs.iter().any(|need| need.identity == *identity)
    });
    holders
}

/// Today: whoever the roles of Argo CD's access entries are to this cluster, and its service accounts on the hub.
pub(crate) fn today(input: &Input<'_>, cluster: &ClusterNeeds) -> BTreeMap<String, Today> {
    if cluster.in_cluster {
        let holders = planned(input.fleet, cluster);
        let own =
            holders.into_iter().filter(|(identity, _)| !matches!(identity, Identity::Impersonated { .. }));
        return own
            .map(|(identity, holder)| (identity.to_string(), Today { holder, admin: false }))
            .collect();
    }
    let Some(there) = input.inventory.and_then(|inventory| inventory.clusters.get(&cluster.arn)) else {
        return BTreeMap::new();
    };
    let Known::Known(entries) = &there.access_entries else { return BTreeMap::new() };
    let roles = input.inventory.map(|inventory| todays_roles(input.fleet, inventory)).unwrap_or_default();
    entries
        .iter()
        .filter(|(principal, _)| principal.parse().is_ok_and(|role| roles.contains(&role)))
        .map(|(principal, entry)| {
            let groups = entry.groups.iter().map(String::as_str).chain(["system:authenticated"]);
            let holder =
                rbac::Identity::user(entry.username.clone().unwrap_or_else(|| principal.clone()), groups);
            let policies = entry.policies.known().into_iter().flatten();
            let admin = policies.clone().any(|(arn, namespaces)| {
                arn.ends_with("/AmazonEKSClusterAdminPolicy") && namespaces.is_empty()
            });
            (principal.clone(), Today { holder, admin })
        })
        .collect()
}

/// Somebody who acts for Argo CD today.
pub(crate) struct Today {
    /// Who it is to RBAC.
    pub(crate) holder: rbac::Identity,
    /// Whether `AmazonEKSClusterAdminPolicy` gives it everything, whatever RBAC says.
    pub(crate) admin: bool,
}

fn own(fleet: &Fleet, cluster: &ClusterNeeds) -> [(Identity, rbac::Identity); 2] {
    let argocd = &fleet.hub.argocd;
    if cluster.in_cluster {
        let account = |name: &str| rbac::Identity::service_account(&argocd.namespace, name);
        return [
            (Identity::Controller, account(&argocd.controller_service_account)),
            (Identity::Server, account(&argocd.server_service_account)),
        ];
    }
    let topology = fleet.clusters.iter().find(|known| known.arn == cluster.arn).map(|known| known.topology);
    let (controller, server) = match topology {
        Some(Topology::Direct) => (&fleet.groups.controller, &fleet.groups.server),
        _ => (&fleet.groups.shared, &fleet.groups.shared),
    };
    let member = |group: &String| rbac::Identity::user("argocd", [group.as_str(), "system:authenticated"]);
    [(Identity::Controller, member(controller)), (Identity::Server, member(server))]
}

fn impersonated(identity: &Identity) -> Option<(Identity, rbac::Identity)> {
    match identity {
        Identity::Impersonated { namespace, name } => {
            Some((identity.clone(), rbac::Identity::service_account(namespace, name)))
        }
        Identity::Controller | Identity::Server => None,
    }
}

/// A planned Role or ClusterRole as the evaluator takes it.
pub(crate) fn role(object: &KubernetesObject) -> Option<Role> {
    if !matches!(object.kind.as_str(), "Role" | "ClusterRole") {
        return None;
    }
    Some(Role {
        namespace: object.namespace.clone(),
        name: object.name.clone(),
        labels: Default::default(),
        rules: field::<Vec<PolicyRule>>(object, "rules").unwrap_or_default(),
        aggregation: field::<AggregationRule>(object, "aggregationRule"),
        place: None,
    })
}

/// A planned RoleBinding or ClusterRoleBinding as the evaluator takes it.
pub(crate) fn binding(object: &KubernetesObject) -> Option<Binding> {
    if !matches!(object.kind.as_str(), "RoleBinding" | "ClusterRoleBinding") {
        return None;
    }
    Some(Binding {
        namespace: object.namespace.clone(),
        name: object.name.clone(),
        role_ref: field::<RoleRef>(object, "roleRef")?,
        subjects: field::<Vec<Subject>>(object, "subjects").unwrap_or_default(),
        place: None,
    })
}

fn field<T: DeserializeOwned>(object: &KubernetesObject, name: &str) -> Option<T> {
    T::deserialize(object.body.get(name)?).ok()
}
