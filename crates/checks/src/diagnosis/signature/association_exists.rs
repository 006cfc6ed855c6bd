//! One association for each service account.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "association-exists",
    title: "the service account has a Pod Identity association already",
    patterns: &["Association already exists: {association}"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &["somebody else made it, perhaps with another role"],
    evidence: &["aws eks describe-pod-identity-association --association-id {association}"],
    fix: &[
        "update it: aws eks update-pod-identity-association --association-id {association} --role-arn ROLE",
    ],
    sources: &[r#"EKS API, CreatePodIdentityAssociation, "Errors""#],
    asks: Asks::Nothing,
};
