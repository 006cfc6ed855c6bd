//! One entry for each principal.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "entry-exists",
    title: "there is an access entry for the principal already",
    patterns: &["The specified access entry resource is already in use on this cluster"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity],
    causes: &["the cluster's creator, a node group or a capability made the entry"],
    evidence: &["aws eks describe-access-entry"],
    fix: &[
        "import the entry (terraform import), or update it: aws eks update-access-entry --kubernetes-groups",
    ],
    sources: &["eks-distro#2805", "terraform-aws-eks#2969"],
    asks: Asks::Nothing,
};
