//! The AWS SDK doesn't know which STS to ask.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "region-missing",
    title: "no AWS region is set in the pod",
    patterns: &[
        "Invalid Configuration: Missing Region",
        "MissingRegion: could not find region configuration",
        r#"You must specify a region. You can also configure your region by running "aws configure""#,
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &[
        "`AWS_REGION` isn't set: the webhooks of IRSA and Pod Identity set it, and nothing else does; argocd-k8s-auth has no flag for it",
    ],
    evidence: &["`AWS_REGION` in the pod's environment"],
    fix: &[
        "give the role by IRSA or Pod Identity and restart the pods",
        "or set `AWS_REGION` in the environment of the application controller and of argocd-server",
    ],
    sources: &[
        "AWS SDK for Go v2, service/sts/endpoints.go",
        "Argo CD, cmd/argocd-k8s-auth/commands/aws.go",
    ],
    asks: Asks::Credentials,
};
