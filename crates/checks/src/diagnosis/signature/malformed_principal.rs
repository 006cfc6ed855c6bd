//! IAM looks principals up when a trust policy is written.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "malformed-principal",
    title: "the trust policy names a principal that doesn't exist",
    patterns: &[
        r#"Invalid principal in policy: "AWS":"{principal}""#,
        "Invalid principal in policy: {reason}",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::AssumeRole],
    causes: &["there is no such role or user yet, or no more: IAM refuses ARNs that it can't find"],
    evidence: &["aws iam get-role"],
    fix: &[
        "make the role first, then the trust policy",
        "or name the account and limit by the condition key aws:PrincipalArn",
    ],
    sources: &[r#"IAM User Guide, "AWS JSON policy elements: Principal""#],
    asks: Asks::Nothing,
};
