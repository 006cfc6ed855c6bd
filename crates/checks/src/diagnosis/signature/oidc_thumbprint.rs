//! A provider whose certificate isn't the one that was written down.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "oidc-thumbprint",
    title: "the OIDC provider's thumbprint doesn't fit",
    patterns: &["OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "the provider has an old thumbprint, and its certificate isn't from an authority that AWS trusts by itself",
    ],
    evidence: &["aws iam get-open-id-connect-provider: `ThumbprintList`"],
    fix: &["aws iam update-open-id-connect-provider-thumbprint"],
    sources: &["IAM API, UpdateOpenIDConnectProviderThumbprint"],
    asks: Asks::Credentials,
};
