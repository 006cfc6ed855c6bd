//! A cluster Secret that Argo CD can't read.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "cluster-secret-config",
    title: "the cluster Secret's `config` can't be read",
    patterns: &[
        "failed to unmarshal cluster config: {reason}",
        "could not unmarshal cluster secret {secret}",
        "Failed to convert secret {secret} to cluster",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &[
        "`config` is no JSON of the form that Argo CD knows: a comma, a quote, base64 twice, or YAML",
    ],
    evidence: &["kubectl get secret -o jsonpath='.data.config' | base64 -d"],
    fix: &["write `config` anew as JSON"],
    sources: &["Argo CD, util/db/cluster.go, `SecretToCluster`"],
    asks: Asks::Nothing,
};
