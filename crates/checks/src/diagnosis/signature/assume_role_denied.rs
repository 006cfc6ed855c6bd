//! Without saying which policy lacks it: across accounts AWS tells nothing of the other side.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "assume-role-denied",
    title: "the caller may not assume the role that the cluster Secret names",
    patterns: &[
        "User: {principal} is not authorized to perform: sts:AssumeRole on resource: {role}",
        // CloudTrail, of a caller in another account.
        "(AccessDenied) when calling the AssumeRole operation: An unknown error occurred",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::AssumeRole],
    causes: &[
        "the trust policy of `{role}` doesn't name `{principal}`'s role, or its condition isn't met",
        "no policy of `{principal}` allows `sts:AssumeRole` on `{role}`: across accounts both sides have to",
        "there is no role `{role}`: AWS answers the same",
    ],
    evidence: &[
        "aws iam get-role: `AssumeRolePolicyDocument` of `{role}`",
        "policies of the caller's role",
        "`roleARN` in the cluster Secret, letter by letter, with the role's path",
    ],
    fix: &[
        "let the trust policy of `{role}` allow `sts:AssumeRole` and `sts:TagSession` to the caller's role",
        "allow the same on `{role}` in a policy of the caller's role",
    ],
    sources: &[r#"IAM User Guide, "Cross-account policy evaluation logic""#, "argo-cd#2347"],
    asks: Asks::AssumeRole,
};
