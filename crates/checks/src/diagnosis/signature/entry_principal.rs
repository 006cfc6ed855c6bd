//! EKS looks the principal up.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "entry-principal",
    title: "the access entry's principal can't be one",
    patterns: &[
        "The specified principalArn is invalid: invalid principal",
        "The specified principalArn could not be found",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity],
    causes: &[
        "there is no such role or user yet, or the ARN lacks the role's path",
        "it is a service-linked role or a session",
        "for associate-access-policy: the principal has no access entry",
    ],
    evidence: &["aws iam get-role", "aws eks list-access-entries"],
    fix: &["make the role first, and wait some seconds", "name the role's own ARN, with its path"],
    sources: &[r#"EKS User Guide, "Create access entries""#],
    asks: Asks::Nothing,
};
