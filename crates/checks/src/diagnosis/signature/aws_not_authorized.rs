//! AWS's refusal of an action.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "aws-not-authorized",
    title: "AWS refuses an action that is none of the way to a cluster",
    patterns: &[
        "User: {principal} is not authorized to perform: {action} on resource: {resource}",
        "User: {principal} is not authorized to perform: {action} because {reason}",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &["no policy lets `{principal}` do `{action}`"],
    evidence: &["which component asks: deploying to clusters needs no action but `sts:AssumeRole`"],
    fix: &["allow `{action}` on that resource, if the component needs it"],
    sources: &[r#"IAM User Guide, "Troubleshoot access denied error messages""#],
    asks: Asks::Nothing,
};
