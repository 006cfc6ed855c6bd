//! `aws eks update-kubeconfig` reads the cluster's description; Argo CD doesn't.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "describe-cluster-denied",
    title: "a tool may not read the cluster's description",
    patterns: &[
        "User: {principal} is not authorized to perform: eks:DescribeCluster on resource: {cluster-arn}",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Token],
    causes: &[
        "`{principal}` lacks `eks:DescribeCluster`: `aws eks update-kubeconfig` and the EKS capability's lookup need it, tokens and argocd-k8s-auth don't",
    ],
    evidence: &["the command that was run"],
    fix: &[
        "write endpoint and certificate authority into the cluster Secret, and nothing has to describe the cluster",
        "or allow `eks:DescribeCluster` on that cluster",
    ],
    sources: &[r#"EKS User Guide, "Troubleshooting IAM""#],
    asks: Asks::Nothing,
};
