//! Sharding: another controller has the cluster.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "shard-ignores",
    title: "another shard of the application controller has the cluster",
    patterns: &["controller is configured to ignore cluster {server}"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &[
        "this replica isn't the one for `{server}`: `ARGOCD_CONTROLLER_REPLICAS` differs from the number of replicas, or `shard` of the cluster Secret is one that doesn't exist",
    ],
    evidence: &[
        "`shard` of the cluster Secret",
        "replicas of the application controller and `ARGOCD_CONTROLLER_REPLICAS`",
    ],
    fix: &["let both numbers agree, and leave `shard` out"],
    sources: &["Argo CD, controller/cache/cache.go"],
    asks: Asks::Nothing,
};
