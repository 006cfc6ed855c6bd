//! Trust policies have a quota for their length.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "trust-too-long",
    title: "the trust policy is too long",
    patterns: &["Cannot exceed quota for ACLSizePerRole: {code}"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::AssumeRole, At::ServiceAccount],
    causes: &["each cluster's OIDC provider adds a statement: 2,048 characters hold about four"],
    evidence: &["aws iam get-role"],
    fix: &[
        "use Pod Identity, whose one statement serves all clusters",
        "or raise the quota to 4,096 characters (L-C07B4B0D)",
    ],
    sources: &[r#"IAM User Guide, "IAM and AWS STS quotas""#],
    asks: Asks::Nothing,
};
