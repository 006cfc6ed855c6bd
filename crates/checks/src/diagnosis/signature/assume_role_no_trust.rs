//! AWS says which kind of policy lacks an Allow.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "assume-role-no-trust",
    title: "the role doesn't trust the caller",
    patterns: &[
        "User: {principal} is not authorized to perform: sts:AssumeRole on resource: {role} because no resource-based policy allows the {action} action",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::AssumeRole],
    causes: &[
        "the trust policy of `{role}` doesn't name `{principal}`'s role, or its condition isn't met",
    ],
    evidence: &[
        "aws iam get-role: `AssumeRolePolicyDocument` of `{role}`",
        "policies of the caller's role",
    ],
    fix: &[
        "let the trust policy of `{role}` allow `sts:AssumeRole` and `sts:TagSession` to the caller's role",
    ],
    sources: &[r#"IAM User Guide, "Troubleshoot access denied error messages""#],
    asks: Asks::AssumeRole,
};
