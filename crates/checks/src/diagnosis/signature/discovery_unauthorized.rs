//! Discovery that was answered with 401.

use access::At;

use super::{Asks, Rank, Signature, refused_token};

pub(super) static SIGNATURE: Signature = Signature {
    id: "discovery-unauthorized",
    title: "the cluster refuses the token already when it is asked for its API",
    patterns: &[
        "failed to discover server resources for group version {version}: Unauthorized",
        "couldn't get resource list for {version}: Unauthorized",
        "unable to retrieve the complete list of server APIs: {}Unauthorized",
        "couldn't get current server API group list: {}Unauthorized",
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
        "argo-cd#24876",
    ],
    asks: Asks::Cluster,
};
