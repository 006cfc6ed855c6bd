//! AWS says which kind of policy lacks an Allow.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "assume-role-session-policy",
    title: "the session's own policy doesn't let it assume the role",
    patterns: &[
        "User: {principal} is not authorized to perform: sts:AssumeRole on resource: {role} because no session policy allows the {action} action",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::AssumeRole],
    causes: &[
        "a session policy, such as `policy` of a Pod Identity association, leaves `sts:AssumeRole` out",
    ],
    evidence: &[
        "aws iam get-role: `AssumeRolePolicyDocument` of `{role}`",
        "policies of the caller's role",
    ],
    fix: &["add `sts:AssumeRole` on `{role}` to the session policy, or leave it out"],
    sources: &[r#"IAM User Guide, "Troubleshoot access denied error messages""#],
    asks: Asks::AssumeRole,
};
