//! The agent acts as the node.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "pod-identity-node",
    title: "the node's role may not ask EKS Auth for credentials of pods",
    patterns: &[
        "User: {principal} is not authorized to perform: eks-auth:AssumeRoleForPodIdentity on resource: {resource}",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "the node's role lacks `eks-auth:AssumeRoleForPodIdentity`, which AmazonEKSWorkerNodePolicy has",
    ],
    evidence: &["policies of the node's role"],
    fix: &["attach AmazonEKSWorkerNodePolicy to the node's role"],
    sources: &[r#"EKS User Guide, "Amazon EKS node IAM role""#],
    asks: Asks::Credentials,
};
