//! IAM knows no provider of the issuer.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "oidc-provider-missing",
    title: "the account has no OIDC provider for the cluster's issuer",
    patterns: &["No OpenIDConnect provider found in your account for {issuer}"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "nobody made an IAM OIDC provider for `{issuer}` in the role's account",
        "the cluster was made anew, and has another issuer now",
    ],
    evidence: &[
        "aws iam list-open-id-connect-providers, in the role's account",
        "aws eks describe-cluster: `identity.oidc.issuer`",
    ],
    fix: &[
        "make the provider: aws iam create-open-id-connect-provider --url {issuer} --client-id-list sts.amazonaws.com",
    ],
    sources: &[r#"EKS User Guide, "Create an IAM OIDC provider for your cluster""#],
    asks: Asks::Credentials,
};
