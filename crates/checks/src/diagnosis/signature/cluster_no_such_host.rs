//! DNS doesn't know the endpoint.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "cluster-no-such-host",
    title: "the endpoint in the cluster Secret has no address",
    patterns: &[
        ".eks.amazonaws.com{}: dial tcp: lookup {}: no such host",
        ".eks.amazonaws.com: no such host",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &[
        "the cluster was deleted or made anew: its endpoint is another one then",
        "the endpoint is private, and the VPC's DNS isn't used",
    ],
    evidence: &["aws eks describe-cluster: `endpoint`"],
    fix: &[
        "set `server` of the cluster Secret to the endpoint",
        "or delete the Secret with the cluster",
    ],
    sources: &[r#"EKS User Guide, "Cluster API server endpoint""#],
    asks: Asks::Cluster,
};
