//! Tokens are good for 15 minutes.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "authenticator-token-expired",
    title: "the token is older than 15 minutes",
    patterns: &["X-Amz-Date parameter is expired"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Token],
    causes: &[
        "a token was kept or copied, as with `aws eks get-token` in a script",
        "the clocks differ",
    ],
    evidence: &["who made the token, and when"],
    fix: &["make a token for each use: `awsAuthConfig` does"],
    sources: &["aws-iam-authenticator, pkg/token/token.go"],
    asks: Asks::Nothing,
};
