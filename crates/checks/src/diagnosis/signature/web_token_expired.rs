//! A service account's token that is too old.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "web-token-expired",
    title: "the service account's token is too old for AWS",
    patterns: &[
        "ExpiredTokenException: Token expired: {reason}",
        "(ExpiredTokenException) when calling the AssumeRoleWithWebIdentity operation: {reason}",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "the process keeps a token that the kubelet has replaced, as old SDKs do",
        "the clocks of node and AWS differ",
    ],
    evidence: &["age of the pod", "time on the node"],
    fix: &["restart the pod"],
    sources: &[r#"STS API, AssumeRoleWithWebIdentity, "Errors""#],
    asks: Asks::Credentials,
};
