//! The authenticator takes only presigned URLs of GetCallerIdentity.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "authenticator-token-format",
    title: "the token isn't one for EKS",
    patterns: &["input token was not properly formatted: {reason}"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Token],
    causes: &[
        "another kind of token came: a service account's, or one for another partition or endpoint: {reason}",
    ],
    evidence: &["`config` of the cluster Secret"],
    fix: &["use `awsAuthConfig`"],
    sources: &["aws-iam-authenticator, pkg/token/token.go, `FormatError`"],
    asks: Asks::Nothing,
};
