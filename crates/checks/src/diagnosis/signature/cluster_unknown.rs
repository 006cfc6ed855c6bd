//! An Application names a server that no Secret has.

use access::At;

use super::{Asks, Rank, Signature};
use crate::diagnosis::pattern::Parts;

pub(super) static SIGNATURE: Signature = Signature {
    id: "cluster-unknown",
    title: "no cluster Secret has the server of the Application's destination",
    patterns: &[r#"cluster "{server}" not found"#],
    fixed: &[],
    rank: Rank::Cause,
    when: Some(is_server),
    hops: &[At::ClusterSecret],
    causes: &[
        "no cluster Secret has `server: {server}`: letter by letter, without a slash at its end",
    ],
    evidence: &["argocd cluster list"],
    fix: &["make the cluster Secret, or correct `destination.server`"],
    sources: &["Argo CD, util/db/cluster.go, `GetCluster`"],
    asks: Asks::Nothing,
};

/// Clusters are known by URL, those of the EKS capability by ARN; other programs say the same of names.
fn is_server(parts: &Parts) -> bool {
    parts.get("server").is_some_and(|server| server.contains("://") || server.starts_with("arn:"))
}
