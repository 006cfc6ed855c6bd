//! The EKS console's words where an IAM principal is nobody on the cluster.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "console-no-access",
    title: "the console's principal is nobody on the cluster",
    patterns: &[
        "doesn't have access to Kubernetes objects on this cluster",
        "does not have access to Kubernetes objects on this EKS cluster",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity],
    causes: &[
        "no access entry and no element of aws-auth maps the principal that is signed in",
        "it lacks `eks:AccessKubernetesApi`",
    ],
    evidence: &["aws eks list-access-entries", "aws sts get-caller-identity"],
    fix: &["make an access entry for the principal"],
    sources: &[
        r#"EKS User Guide, "Troubleshooting IAM""#,
        r#"EKS User Guide, "View Kubernetes resources""#,
    ],
    asks: Asks::Nothing,
};
