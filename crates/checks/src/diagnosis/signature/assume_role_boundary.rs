//! AWS says which kind of policy lacks an Allow.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "assume-role-boundary",
    title: "a permissions boundary or a policy of the organisation leaves it out",
    patterns: &[
        "User: {principal} is not authorized to perform: sts:AssumeRole on resource: {role} because no permissions boundary allows the {action} action",
        "User: {principal} is not authorized to perform: sts:AssumeRole on resource: {role} because no service control policy allows the {action} action",
        "User: {principal} is not authorized to perform: sts:AssumeRole on resource: {role} because no resource control policy allows the {action} action",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::AssumeRole],
    causes: &[
        "the permissions boundary of `{principal}`'s role, or a control policy of the organisation, doesn't allow `{action}`: it limits what the role's own policies give",
    ],
    evidence: &[
        "`PermissionsBoundary` of the role",
        "aws organizations list-policies-for-target, for the account and all above it",
    ],
    fix: &["allow `sts:AssumeRole` on `{role}` in that boundary or control policy, too"],
    sources: &[r#"IAM User Guide, "Troubleshoot access denied error messages""#],
    asks: Asks::AssumeRole,
};
