//! Argo CD asks each cluster for its version first; what follows says why that failed.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "server-version",
    title: "Argo CD can't connect to the cluster",
    patterns: &[
        "failed to get server version: {reason}",
        "error getting k8s server version: {reason}",
        "error getting server version: {reason}",
    ],
    fixed: &[],
    rank: Rank::Symptom,
    when: None,
    hops: &[At::ClusterIdentity, At::ServiceAccount, At::ClusterSecret],
    causes: &["the rest of the message says it; no signature knows these words"],
    evidence: &["argocd cluster get"],
    fix: &["mend what the rest of the message names"],
    sources: &["Argo CD, gitops-engine/pkg/cache/cluster.go, `sync`", "argo-cd#924"],
    asks: Asks::Cluster,
};
