//! argocd-k8s-auth's own last words; what follows is the AWS SDK's error.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "signed-request-timeout",
    title: "argocd-k8s-auth tried for a minute to get credentials",
    patterns: &["timeout while trying to get signed aws request: last error: {reason}"],
    fixed: &[],
    rank: Rank::Symptom,
    when: None,
    hops: &[At::ServiceAccount, At::AssumeRole],
    causes: &["the rest of the message says it"],
    evidence: &["the rest of the message"],
    fix: &["mend what the rest of the message names"],
    sources: &["Argo CD, cmd/argocd-k8s-auth/commands/aws.go"],
    asks: Asks::Cluster,
};
