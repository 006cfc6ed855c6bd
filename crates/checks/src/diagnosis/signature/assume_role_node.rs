//! The session's name is an instance's id.

use access::At;

use super::{Asks, Rank, Signature};
use crate::diagnosis::pattern::Parts;

pub(super) static SIGNATURE: Signature = Signature {
    id: "assume-role-node",
    title: "the pod acts as its node, which may not assume the role",
    patterns: &["User: {principal} is not authorized to perform: sts:AssumeRole on resource: {role}"],
    fixed: &[],
    rank: Rank::Cause,
    when: Some(is_node),
    hops: &[At::ServiceAccount],
    causes: &[
        "the pod has no credentials of its own and takes those of the node's role from the instance metadata: `{principal}`",
    ],
    evidence: &[
        "`AWS_WEB_IDENTITY_TOKEN_FILE` or `AWS_CONTAINER_CREDENTIALS_FULL_URI` in the pod's environment",
        "kubectl get serviceaccount -o yaml: `eks.amazonaws.com/role-arn`",
        "aws eks list-pod-identity-associations",
    ],
    fix: &["give Argo CD's role to the service account of that component", "restart its pods"],
    sources: &["argo-cd#2347", r#"IAM User Guide, "IAM identifiers""#],
    asks: Asks::Credentials,
};

/// Sessions of a node's role are named after the instance (EC2 User Guide, "IAM roles for Amazon EC2").
fn is_node(parts: &Parts) -> bool {
    let session = parts.get("principal").and_then(|principal| principal.rsplit('/').next());
    session.is_some_and(|session| session.starts_with("i-"))
}
