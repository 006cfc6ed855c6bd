//! The hop from the EKS capability for Argo CD to its role (EKS User Guide, "Amazon EKS capability IAM role").

use facts::{ClusterArn, Gap};
use iam::{Actor, Passed, Principal};
use inventory::{Cluster, Known};

use crate::{
    accounts::{Accounts, Applying},
    assume_role::assume_with,
    credentials::{Credentials, SESSION},
    hop::{At, Hop, Passes},
    service_account::Arrival,
};

const SERVICE: &str = "capabilities.eks.amazonaws.com";

/// The credentials with which the capability acts.
pub(crate) fn credentials(accounts: &Accounts<'_>, arn: &ClusterArn, cluster: &Cluster) -> Arrival {
    let at = At::ServiceAccount;
    let capabilities = match &cluster.capabilities {
        Known::Gap(gap) => {
            return Arrival::ends(Hop::unknown(at, "which capabilities the hub has", [gap.clone()]));
        }
        Known::Known(capabilities) => capabilities,
    };
    let Some(capability) = capabilities.values().find(|capability| capability.kind == "ARGOCD") else {
        return Arrival::ends(Hop::no(at, format!("`{}` has no capability of type ARGOCD", arn.name)));
    };
    let role = match &capability.details {
        Known::Gap(gap) => return Arrival::ends(Hop::unknown(at, "the capability's role", [gap.clone()])),
        Known::Known(details) => &details.role,
    };
    let mut service = Credentials::of_role(role.clone(), Some(&arn.region));
    service.actor = Actor::new(Principal::service(SERVICE));
    let passed = Passed { session_name: SESSION.to_owned(), ..Passed::default() };
    let (hop, credentials) = assume_with(accounts, Applying::default(), &service, role, passed, at);
    let mut hop = hop.at_place(&capability.place);
    if capability.status != "ACTIVE" && hop.passes == Passes::Yes {
        let gap = Gap::new("whether the capability works", format!("its status is {}", capability.status));
        hop = Hop::unknown(at, hop.by, [gap.filled_by("aws eks describe-capability")])
            .at_place(&capability.place);
    }
    let ends = hop.passes == Passes::No;
    Arrival { hops: vec![hop], credentials: credentials.filter(|_| !ends) }
}
