//! An Application names a server that no Secret has.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "cluster-unknown",
    title: "no cluster Secret has the server of the Application's destination",
    patterns: &[r#"cluster "{server}" not found"#],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &[
        "no cluster Secret has `server: {server}`: letter by letter, without a slash at its end",
    ],
    evidence: &["argocd cluster list"],
    fix: &["make the cluster Secret, or correct `destination.server`"],
    sources: &["Argo CD, util/db/cluster.go, `GetCluster`"],
    asks: Asks::Nothing,
};
