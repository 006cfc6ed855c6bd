//! A pod that acts as its node: nobody gave it credentials of its own.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "node-identity",
    title: "the pod acts as its node, and not as Argo CD's role",
    patterns: &[
        r#"{of} "{name}" is forbidden: User "system:node:{node}" cannot {verb} resource "{resource}" in API group "{group}" in the namespace "{namespace}""#,
        r#"User "system:node:{node}" cannot {verb} resource "{resource}" in API group "{group}" in the namespace "{namespace}""#,
        r#"{of} "{name}" is forbidden: User "system:node:{node}" cannot {verb} resource "{resource}" in API group "{group}" at the cluster scope"#,
        r#"User "system:node:{node}" cannot {verb} resource "{resource}" in API group "{group}" at the cluster scope"#,
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "the pod has no IRSA annotation and no Pod Identity association, so the AWS SDK takes the node's role from the instance metadata",
        "the pod started before the service account got its role",
    ],
    evidence: &[
        "kubectl get serviceaccount -o yaml: `eks.amazonaws.com/role-arn`",
        "aws eks list-pod-identity-associations",
        "`AWS_WEB_IDENTITY_TOKEN_FILE` or `AWS_CONTAINER_CREDENTIALS_FULL_URI` in the pod's environment",
    ],
    fix: &[
        "give the role to the service accounts of the application controller and of argocd-server, both",
        "restart their pods",
    ],
    sources: &[
        "argo-cd#18377",
        r#"EKS User Guide, "Learn how EKS Pod Identity grants pods access to AWS services""#,
    ],
    asks: Asks::Credentials,
};
