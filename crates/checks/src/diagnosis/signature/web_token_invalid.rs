//! The token doesn't verify.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "web-token-invalid",
    title: "AWS can't validate the service account's token",
    patterns: &[
        "The web identity token provided could not be validated",
        "The ID Token provided is not a valid JWT",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "the token is signed by a key that the issuer doesn't publish, or isn't a service account's token",
        "`AWS_WEB_IDENTITY_TOKEN_FILE` names another file",
    ],
    evidence: &["the token in the pod: `iss` and `aud`"],
    fix: &["mount the projected token again: restart the pod"],
    sources: &[r#"STS API, AssumeRoleWithWebIdentity, "Errors""#],
    asks: Asks::Credentials,
};
