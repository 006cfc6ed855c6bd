//! EKS Auth may not assume the role of the association.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "pod-identity-trust",
    title: "the role of the Pod Identity association doesn't trust EKS",
    patterns: &["EKS does not have permissions to assume the associated role"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "the role's trust policy doesn't let `pods.eks.amazonaws.com` do both `sts:AssumeRole` and `sts:TagSession`",
        "its condition asks for tags that the association doesn't send, or for another cluster, namespace or service account",
    ],
    evidence: &[
        "aws iam get-role: `AssumeRolePolicyDocument`",
        "aws eks describe-pod-identity-association: `disableSessionTags`",
    ],
    fix: &[
        r#"let `"Service": "pods.eks.amazonaws.com"` do `sts:AssumeRole` and `sts:TagSession` in the role's trust policy"#,
    ],
    sources: &[r#"EKS User Guide, "Create IAM role with trust policy required by EKS Pod Identity""#],
    asks: Asks::Credentials,
};
