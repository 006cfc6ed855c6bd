//! The token is for somebody else.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "token-audience",
    title: "the OIDC provider doesn't list the token's audience",
    patterns: &["InvalidIdentityToken{}Incorrect token audience"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "the provider's list of client ids lacks the token's `aud`, which is `sts.amazonaws.com` unless the service account says otherwise",
    ],
    evidence: &[
        "aws iam get-open-id-connect-provider: `ClientIDList`",
        "annotation `eks.amazonaws.com/audience` of the service account",
    ],
    fix: &["aws iam add-client-id-to-open-id-connect-provider --client-id sts.amazonaws.com"],
    sources: &[r#"STS API, AssumeRoleWithWebIdentity, "Errors""#],
    asks: Asks::Credentials,
};
