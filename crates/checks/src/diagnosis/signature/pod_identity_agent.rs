//! The Pod Identity agent listens on each node at 169.254.170.23.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "pod-identity-agent",
    title: "the pod doesn't reach the Pod Identity agent",
    patterns: &[
        "dial tcp 169.254.170.23:80: {reason}",
        "dial tcp [fd00:ec2::23]:80: {reason}",
        r#"Get "http://169.254.170.23/v1/credentials": {reason}"#,
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "the add-on eks-pod-identity-agent isn't installed, or not on that node: it isn't there on Fargate and Windows",
        "a NetworkPolicy or a proxy (`HTTP_PROXY` without 169.254.170.23 in `NO_PROXY`) is between them",
    ],
    evidence: &[
        "kubectl -n kube-system get daemonset eks-pod-identity-agent",
        "NetworkPolicies of Argo CD's namespace",
    ],
    fix: &[
        "install the add-on: aws eks create-addon --addon-name eks-pod-identity-agent",
        "add 169.254.170.23 and [fd00:ec2::23] to `NO_PROXY`",
    ],
    sources: &[r#"EKS User Guide, "Set up the Amazon EKS Pod Identity Agent""#],
    asks: Asks::Credentials,
};
