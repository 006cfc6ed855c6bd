//! The credentials' session is over.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "session-expired",
    title: "the AWS session has expired",
    patterns: &[
        "ExpiredToken: The security token included in the request is expired",
        "ExpiredTokenException: The security token included in the request is expired",
        "(ExpiredToken) when calling the {operation} operation: The security token included in the request is expired",
        "(ExpiredTokenException) when calling the {operation} operation: The security token included in the request is expired",
        "The security token included in the request is expired",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount, At::Token],
    causes: &[
        "credentials from a file or from environment variables have ended, and nothing renews them",
        "the base session ended before the 15 minutes of a token that was made with it",
    ],
    evidence: &[
        "where the pod's credentials come from: `AWS_*` in its environment, files below `~/.aws`",
    ],
    fix: &[
        "use IRSA or Pod Identity, which renew credentials, instead of static session credentials",
    ],
    sources: &[r#"STS API Reference, "Common Errors""#, "argo-cd#16753"],
    asks: Asks::Credentials,
};
