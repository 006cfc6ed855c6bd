//! STS answers so many requests and no more.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "sts-throttled",
    title: "STS is asked too often",
    patterns: &[
        "sts getCallerIdentity was throttled: {reason}",
        "Throttling: Rate exceeded",
        "(Throttling) when calling the {operation} operation",
        "api error Throttling: Rate exceeded",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Token, At::AssumeRole],
    causes: &[
        "many clusters, components and shards make tokens at the same time: each makes one for each cluster about every 14 minutes",
    ],
    evidence: &["CloudTrail: how many AssumeRole a minute come from Argo CD's role"],
    fix: &[
        "let access entries name the pods' own role, so that no AssumeRole is needed",
        "use regional endpoints: `AWS_STS_REGIONAL_ENDPOINTS=regional` for old SDKs",
    ],
    sources: &[r#"STS API Reference, "Common Errors""#, "aws-iam-authenticator, pkg/token/token.go"],
    asks: Asks::Nothing,
};
