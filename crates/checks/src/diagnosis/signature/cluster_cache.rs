//! The cache of a cluster couldn't be built; what follows in the message says why.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "cluster-cache",
    title: "Argo CD has no live state of the cluster",
    patterns: &[
        "failed to sync cluster {server}: {reason}",
        "error synchronizing cache state : {reason}",
        "failed to load initial state of resource {kind}: {reason}",
        "Failed to load live state: {reason}",
    ],
    fixed: &[],
    rank: Rank::Symptom,
    when: None,
    hops: &[At::Authorization, At::ClusterIdentity, At::ServiceAccount],
    causes: &["the rest of the message says it; no signature knows these words"],
    evidence: &[
        "argocd cluster get {server}",
        "logs of the application controller for the same cluster",
    ],
    fix: &["mend what the rest of the message names; the cluster is tried again by itself"],
    sources: &["Argo CD, controller/cache/cache.go, `getSyncedCluster`"],
    asks: Asks::Cluster,
};
