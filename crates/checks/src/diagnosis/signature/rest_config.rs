//! A cluster Secret that makes no connection; what follows says why.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "rest-config",
    title: "Argo CD can't make a connection from the cluster Secret",
    patterns: &[
        "error getting cluster RESTConfig: {reason}",
        "error getting cluster REST config: {reason}",
        "failed to get REST config for cluster: {reason}",
    ],
    fixed: &[],
    rank: Rank::Symptom,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &["the rest of the message says it"],
    evidence: &["`config` of the cluster Secret"],
    fix: &["mend what the rest of the message names"],
    sources: &["Argo CD, pkg/apis/application/v1alpha1/types.go, `RawRestConfig`"],
    asks: Asks::Cluster,
};
