//! 401 without more words.

use access::At;

use super::{Asks, Rank, Signature, refused_token};

pub(super) static SIGNATURE: Signature = Signature {
    id: "unauthorized",
    title: "the cluster refuses the caller's token",
    patterns: &[
        "failed to get server version: Unauthorized",
        "failed to get server version: {}: Unauthorized",
        "error getting server version: Unauthorized",
        "error getting k8s server version: Unauthorized",
        "error getting API resources: Unauthorized",
        "failed to list resources: Unauthorized",
        "Failed to watch {kind}: {}: Unauthorized",
        "Failed to watch: {}: Unauthorized",
        "^Unauthorized$",
        "^error: Unauthorized$",
        "^Error: Unauthorized$",
        "│ Error: Unauthorized",
        "Error from server (Unauthorized): Unauthorized",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity, At::Token],
    causes: refused_token::CAUSES,
    evidence: refused_token::EVIDENCE,
    fix: refused_token::FIX,
    sources: &[
        "Kubernetes, apimachinery/pkg/api/errors/errors.go, `NewGenericServerResponse`",
        "aws-iam-authenticator, pkg/token/token.go",
        "argo-cd#2347",
        "argo-cd#3941",
    ],
    asks: Asks::Cluster,
};
