//! `cluster.inClusterEnabled` is off.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "in-cluster-disabled",
    title: "Argo CD's own cluster is switched off as a destination",
    patterns: &[
        r#"cluster "{server}" is disabled"#,
        "cannot register cluster: in-cluster has been disabled",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &["`cluster.inClusterEnabled` is `false` in argocd-cm"],
    evidence: &["argocd-cm"],
    fix: &[
        r#"set `cluster.inClusterEnabled: "true"`"#,
        "or register the cluster by its EKS endpoint",
    ],
    sources: &["Argo CD, util/db/cluster.go"],
    asks: Asks::Nothing,
};
