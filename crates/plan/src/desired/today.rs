//! By which roles the hub's pods come to AWS today, as far as the inventory says it.

use facts::{Gap, RoleArn};
use fleet::Install;
use inventory::{Cluster, Known, PodIdentityAssociation};

use super::trust::ServiceAccount;
use crate::{diff::annotated_role, input::Input};

/// How pods of one service account come to AWS.
#[derive(Clone, Debug)]
pub(super) enum Today {
    /// With a role of their own.
    Role(PodRole),
    /// Neither annotation nor association: with the nodes' role, if at all.
    None,
    /// It wasn't read.
    Unknown(Gap),
}

/// The role of some pods.
#[derive(Clone, Debug)]
pub(super) struct PodRole {
    pub(super) role: RoleArn,
    pub(super) way: Way,
    /// Whether their sessions have tags, which are passed on to every role that they assume.
    pub(super) tags: bool,
}

/// What ties pods to a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Irsa,
    PodIdentity,
}

/// Of controller and server, in this order; nobody where nothing was read or the pods are AWS's own.
pub(super) fn of(input: &Input<'_>) -> Vec<(ServiceAccount, Today)> {
    let (Some(inventory), argocd) = (input.inventory, &input.fleet.hub.argocd) else { return Vec::new() };
    if argocd.install == Install::EksCapability {
        return Vec::new();
    }
    let hub = inventory.clusters.get(&input.fleet.hub.arn);
    [&argocd.controller_service_account, &argocd.server_service_account]
        .map(|name| {
            let account = ServiceAccount { namespace: argocd.namespace.clone(), name: name.clone() };
            let today = hub.map_or_else(|| Today::Unknown(no_hub()), |hub| today(hub, &account));
            (account, today)
        })
        .into()
}

/// The annotation first, as AWS's SDKs have it (EKS User Guide, "Grant Kubernetes workloads access to AWS using
/// Kubernetes Service Accounts": the default credential chain).
fn today(hub: &Cluster, account: &ServiceAccount) -> Today {
    if let Err(gap) = hub.kubernetes.list("serviceaccounts") {
        return Today::Unknown(gap);
    }
    let there = hub.kubernetes.find("serviceaccounts", Some(&account.namespace), &account.name);
    if let Some(role) = there.and_then(annotated_role) {
        return Today::Role(PodRole { role, way: Way::Irsa, tags: false });
    }
    let key = (account.namespace.clone(), account.name.clone());
    match &hub.pod_identity_associations {
        Known::Gap(gap) => Today::Unknown(gap.clone()),
        Known::Known(all) => all.get(&key).map_or(Today::None, associated),
    }
}

/// With a target role the pods get that one's credentials (EKS API reference, `targetRoleArn`).
fn associated(association: &PodIdentityAssociation) -> Today {
    let role = match (&association.target_role, &association.role) {
        (Some(target), _) => target.clone(),
        (None, Known::Known(role)) => role.clone(),
        (None, Known::Gap(gap)) => return Today::Unknown(gap.clone()),
    };
    Today::Role(PodRole { role, way: Way::PodIdentity, tags: !association.session_tags_disabled })
}

fn no_hub() -> Gap {
    Gap::new("by which roles Argo CD's pods come to AWS today", "the hub isn't in the inventory")
        .filled_by("docs/inventory.md")
}
