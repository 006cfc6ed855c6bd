//! The network, and not access.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "cluster-unreachable",
    title: "the cluster's endpoint can't be reached",
    patterns: &[
        ".eks.amazonaws.com{}: dial tcp {address}: i/o timeout",
        ".eks.amazonaws.com{}: dial tcp {address}: connect: {reason}",
        ".eks.amazonaws.com{}: net/http: TLS handshake timeout",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &[
        "the endpoint is private, or its public access is limited to other addresses: packets don't arrive, so that no permission is at fault",
    ],
    evidence: &[
        "aws eks describe-cluster: `resourcesVpcConfig`",
        "the cluster's security group: port 443 from the hub's pods",
    ],
    fix: &[
        "let the hub's addresses in, in the security group and in `publicAccessCidrs`",
        "connect the VPCs",
    ],
    sources: &[r#"EKS User Guide, "Cluster API server endpoint""#],
    asks: Asks::Cluster,
};
