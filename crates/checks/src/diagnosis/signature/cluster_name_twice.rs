//! Two Secrets of one name.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "cluster-name-twice",
    title: "several cluster Secrets have the name of the destination",
    patterns: &["there are {count} clusters with the same name: [{reason}]"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &["{count} cluster Secrets have the same `name`"],
    evidence: &["argocd cluster list"],
    fix: &["rename all but one, or name the destination by `server`"],
    sources: &["Argo CD, util/argo/argo.go, `GetDestinationServer`"],
    asks: Asks::Nothing,
};
