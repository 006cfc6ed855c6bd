//! The trust policy isn't met by the token.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "web-identity-denied",
    title: "the role's trust policy doesn't fit the pod's token",
    patterns: &[
        "(AccessDenied) when calling the AssumeRoleWithWebIdentity operation: {reason}",
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        "is not authorized to perform: sts:AssumeRoleWithWebIdentity on resource: {role}",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "`sub` in the trust policy's condition isn't `system:serviceaccount:NAMESPACE:NAME` of the pod",
        "`aud` isn't `sts.amazonaws.com`",
        "the statement names the OIDC provider of another cluster, or its condition keys are another issuer's",
        "a wildcard stands under StringEquals, where it is a letter like any other",
        "there is no such role",
    ],
    evidence: &[
        "the token in the pod: `sub`, `aud` and `iss`",
        "aws iam get-role: `AssumeRolePolicyDocument`",
        "CloudTrail: AssumeRoleWithWebIdentity, `userIdentity.userName` is the token's `sub`",
    ],
    fix: &[
        "set `<issuer>:sub` to the service account's name, and `<issuer>:aud` to `sts.amazonaws.com`",
    ],
    sources: &[r#"EKS User Guide, "Assign IAM roles to Kubernetes service accounts""#],
    asks: Asks::Credentials,
};
