//! The authenticator asks STS with the token's own URL.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "authenticator-sts",
    title: "STS refuses what the token holds",
    patterns: &[
        "sts getCallerIdentity failed: error from AWS (expected 200, got {code})",
        "sts getCallerIdentity failed: {reason}",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Token],
    causes: &[
        "the token was signed for another cluster's name: the authenticator sends its own, and the signature doesn't fit",
        "the session in the token has expired, or its role was deleted",
    ],
    evidence: &[
        "`awsAuthConfig.clusterName` in the cluster Secret",
        "the body of STS's answer in the message",
    ],
    fix: &["set `awsAuthConfig.clusterName` to the EKS cluster's name"],
    sources: &["aws-iam-authenticator, pkg/token/token.go, `Verify`"],
    asks: Asks::Cluster,
};
