//! An access key that AWS doesn't know.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "invalid-key",
    title: "AWS doesn't know the access key",
    patterns: &[
        "InvalidClientTokenId: The security token included in the request is invalid",
        "(InvalidClientTokenId) when calling the {operation} operation: The security token included in the request is invalid",
        "UnrecognizedClientException: The security token included in the request is invalid",
        "(UnrecognizedClientException) when calling the {operation} operation: The security token included in the request is invalid",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "the access key was deleted or deactivated, or is of another partition",
        "the session's region isn't enabled in the account: tokens of the global endpoint aren't valid there",
    ],
    evidence: &["aws sts get-caller-identity, in the pod"],
    fix: &["use IRSA or Pod Identity instead of static keys"],
    sources: &[r#"STS API Reference, "Common Errors""#],
    asks: Asks::Credentials,
};
