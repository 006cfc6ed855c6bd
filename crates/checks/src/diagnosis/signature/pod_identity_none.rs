//! EKS Auth knows no association for the pod.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "pod-identity-none",
    title: "the service account has no Pod Identity association on this cluster",
    patterns: &["AssumeRoleForPodIdentity, {}ResourceNotFoundException: {reason}"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "the association was deleted after the pod was made, or is of another namespace, service account or cluster",
    ],
    evidence: &["aws eks list-pod-identity-associations"],
    fix: &["make the association again", "restart the pods"],
    sources: &[r#"EKS Auth API, AssumeRoleForPodIdentity, "Errors""#],
    asks: Asks::Credentials,
};
