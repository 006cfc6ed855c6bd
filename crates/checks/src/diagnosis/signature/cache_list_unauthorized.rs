//! A list of the live cache that was answered with 401.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "cache-list-unauthorized",
    title: "the cluster refuses Argo CD's token while the cache is loaded",
    patterns: &[
        "failed to load initial state of resource {kind}: Unauthorized",
        "failed to load initial state of resource {kind}: {}: Unauthorized",
        "failed to load initial state of resource {kind}: the server has asked for the client to provide credentials",
        "failed to load initial state of resource {kind}: {}: the server has asked for the client to provide credentials",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity, At::Token],
    causes: &[
        "the token was good when it was made and isn't any more: the session behind it has expired, or the access entry was removed or replaced",
        "no access entry and no element of aws-auth maps the role",
    ],
    evidence: &[
        "the cluster's authenticator log (`aws eks update-cluster-config --logging`), at the time of the message",
        "aws eks list-access-entries",
    ],
    fix: &[
        "make the access entry for the role that argocd-k8s-auth uses",
        "restart the application controller, so that no old token is kept",
    ],
    sources: &["Argo CD, gitops-engine/pkg/cache/cluster.go, `sync`", "argo-cd#16753"],
    asks: Asks::Cluster,
};
