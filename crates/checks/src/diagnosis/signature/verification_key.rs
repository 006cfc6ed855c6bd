//! AWS reads the issuer's keys over the Internet.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "verification-key",
    title: "AWS can't fetch the issuer's keys",
    patterns: &["Couldn't retrieve verification key from your identity provider"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "the issuer's JWKS address isn't reachable, or the cluster is deleted",
        "the provider's URL isn't the issuer's",
    ],
    evidence: &["curl ISSUER/.well-known/openid-configuration"],
    fix: &["make the OIDC provider for the cluster's own issuer"],
    sources: &[r#"STS API, AssumeRoleWithWebIdentity, "Errors""#],
    asks: Asks::Credentials,
};
