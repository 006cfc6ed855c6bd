//! An Application names its cluster, and no Secret has that name.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "cluster-name-unknown",
    title: "no cluster Secret has the name of the Application's destination",
    patterns: &["there are no clusters with this name: {cluster}"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &[
        "no cluster Secret in Argo CD's namespace has `name: {cluster}`, or the label `argocd.argoproj.io/secret-type: cluster` is missing",
        "the Secret's `config` is no JSON, and Argo CD skips it",
    ],
    evidence: &[
        "argocd cluster list",
        "kubectl get secrets -l argocd.argoproj.io/secret-type=cluster, in Argo CD's namespace",
    ],
    fix: &["make the cluster Secret, or correct `destination.name`"],
    sources: &["Argo CD, util/argo/argo.go, `GetDestinationServer`"],
    asks: Asks::Nothing,
};
