//! EKS gets roles handed by somebody who may do so.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "pass-role-denied",
    title: "somebody may not hand the role to EKS",
    patterns: &["User: {principal} is not authorized to perform: iam:PassRole on resource: {role}"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "who makes a Pod Identity association or a capability needs `iam:PassRole` on its role",
    ],
    evidence: &["the policies of `{principal}`"],
    fix: &[
        "allow `iam:PassRole` on `{role}` with the condition iam:PassedToService `pods.eks.amazonaws.com` (or `capabilities.eks.amazonaws.com`)",
    ],
    sources: &[r#"EKS User Guide, "Assign an IAM role to a Kubernetes service account""#],
    asks: Asks::Nothing,
};
