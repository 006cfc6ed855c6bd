//! client-go takes only one of them.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "tls-insecure-and-ca",
    title: "the cluster Secret has a certificate authority and says not to check it",
    patterns: &["specifying a root certificates file with the insecure flag is not allowed"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &["`tlsClientConfig` has both `insecure: true` and `caData`"],
    evidence: &["`config` of the cluster Secret"],
    fix: &["set `insecure: false`"],
    sources: &["Kubernetes, client-go/transport/transport.go"],
    asks: Asks::Cluster,
};
