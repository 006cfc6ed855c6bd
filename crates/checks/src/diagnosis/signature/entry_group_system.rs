//! EKS refuses groups of Kubernetes' own.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "entry-group-system",
    title: "an access entry can't have a group that starts with `system:`",
    patterns: &[
        "The kubernetes group name {kubernetes-group} is invalid, it cannot start with system:",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity],
    causes: &[
        "the command or template gives the entry the group `{kubernetes-group}`, as a page of the EKS User Guide shows it",
    ],
    evidence: &["`kubernetesGroups` of the entry"],
    fix: &["give the entry a group of your own, and bind it", "or associate an access policy"],
    sources: &[r#"EKS User Guide, "Create access entries""#, "terraform-aws-eks#2915"],
    asks: Asks::Nothing,
};
