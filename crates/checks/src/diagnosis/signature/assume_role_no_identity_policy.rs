//! AWS says which kind of policy lacks an Allow.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "assume-role-no-identity-policy",
    title: "the caller's own policies don't let it assume the role",
    patterns: &[
        "User: {principal} is not authorized to perform: sts:AssumeRole on resource: {role} because no identity-based policy allows the {action} action",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::AssumeRole],
    causes: &["no policy of `{principal}` allows `sts:AssumeRole` on `{role}`"],
    evidence: &[
        "aws iam get-role: `AssumeRolePolicyDocument` of `{role}`",
        "policies of the caller's role",
    ],
    fix: &[
        "allow `sts:AssumeRole` and `sts:TagSession` on `{role}` in a policy of the caller's role",
    ],
    sources: &[r#"IAM User Guide, "Troubleshoot access denied error messages""#],
    asks: Asks::AssumeRole,
};
