//! An explicit Deny.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "assume-role-explicit-deny",
    title: "a policy forbids it to assume the role",
    patterns: &[
        "User: {principal} is not authorized to perform: sts:AssumeRole on resource: {role} with an explicit deny in {reason}",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::AssumeRole],
    causes: &[
        "{reason} has a Deny that applies to `{principal}` and `{role}`: no Allow helps against it",
    ],
    evidence: &[
        "the Deny's conditions: aws:PrincipalOrgID, aws:SourceVpc, aws:RequestedRegion and the like",
        "service control policies along the account's path in the organisation",
    ],
    fix: &["except the role in the Deny, with the condition key aws:PrincipalArn"],
    sources: &[r#"IAM User Guide, "Troubleshoot access denied error messages""#],
    asks: Asks::AssumeRole,
};
