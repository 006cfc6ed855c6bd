//! The web identity token can't be read.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "token-file",
    title: "the pod can't read its own token for AWS",
    patterns: &[
        "/var/run/secrets/eks.amazonaws.com/serviceaccount/token: permission denied",
        "/var/run/secrets/eks.amazonaws.com/serviceaccount/token: no such file or directory",
        "failed to read authorization token from {file}: {reason}",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "the process isn't root, and the token's file belongs to root: the pod's `securityContext.fsGroup` isn't 999",
        "the pod was made while the webhook was down",
    ],
    evidence: &[
        "`securityContext` of the pod",
        "volumes of the pod: `aws-iam-token` or `eks-pod-identity-token`",
    ],
    fix: &["set `securityContext.fsGroup: 999` in the pod template", "restart the pod"],
    sources: &["argo-cd#2996", "AWS SDK for Go v2, credentials/stscreds/web_identity_provider.go"],
    asks: Asks::Credentials,
};
