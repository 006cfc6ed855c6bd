//! client-go's words for 401.

use access::At;

use super::{Asks, Rank, Signature, refused_token};

pub(super) static SIGNATURE: Signature = Signature {
    id: "credentials-asked-for",
    title: "AWS let Argo CD make a token, and the cluster refuses it",
    patterns: &["the server has asked for the client to provide credentials"],
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
