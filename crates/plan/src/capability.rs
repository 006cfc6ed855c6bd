//! The live EKS capability for Argo CD.

use std::collections::BTreeMap;

use facts::RoleArn;
use fleet::{Fleet, Install};
use inventory::{Capability, Inventory, Known};

/// The hub's capabilities; absent where no inventory has the hub.
pub(crate) fn capabilities<'i>(
    fleet: &Fleet,
    inventory: Option<&'i Inventory>,
) -> Option<&'i Known<BTreeMap<String, Capability>>> {
    Some(&inventory?.clusters.get(&fleet.hub.arn)?.capabilities)
}

/// The one that is Argo CD: EKS makes at most one of a kind on a cluster (EKS API, CreateCapability).
pub(crate) fn argocd(capabilities: &BTreeMap<String, Capability>) -> Option<(&str, &Capability)> {
    let mut argocd = capabilities.iter().filter(|(_, capability)| capability.kind == "ARGOCD");
    argocd.next().map(|(name, capability)| (name.as_str(), capability))
}

/// Whether EKS gives an access policy to the capability's own role on the hub, which it can't do without (EKS User Guide,
/// "Security considerations for EKS Capabilities").
pub(crate) fn is_given(policy: &str) -> bool {
    let name = policy.rsplit('/').next().unwrap_or(policy);
    ["AmazonEKSArgoCDClusterPolicy", "AmazonEKSArgoCDPolicy"].contains(&name)
}

/// The role of the fleet's EKS capability: as the fleet file says, else the live one's.
pub(crate) fn role(fleet: &Fleet, inventory: Option<&Inventory>) -> Option<RoleArn> {
    if fleet.hub.argocd.install != Install::EksCapability {
        return None;
    }
    let live = || {
        let (_, capability) = argocd(capabilities(fleet, inventory)?.known()?)?;
        Some(capability.details.known()?.role.clone())
    };
    fleet.hub.argocd.capability_role.clone().or_else(live)
}
