//! The last place where the AWS SDK for Go v2 looks for credentials.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "no-imds-role",
    title: "the pod has no AWS credentials at all",
    patterns: &["no EC2 IMDS role found"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "the pod's service account has neither an IRSA annotation nor a Pod Identity association, and the node's metadata isn't reachable from pods",
        "the pod started before its service account got a role: the webhook sets the environment when a pod is made",
    ],
    evidence: &[
        "`AWS_ROLE_ARN`, `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_CONTAINER_CREDENTIALS_FULL_URI` in the pod's environment",
        "aws eks list-pod-identity-associations",
    ],
    fix: &["give the role to the service account of that component", "restart its pods"],
    sources: &["AWS SDK for Go v2, credentials/ec2rolecreds/provider.go"],
    asks: Asks::Credentials,
};
