//! 401 without more words.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "unauthorized",
    title: "the cluster refuses the caller's token",
    patterns: &[
        "failed to get server version: Unauthorized",
        "failed to get server version: {}: Unauthorized",
        "error getting server version: Unauthorized",
        "error getting k8s server version: Unauthorized",
        "error getting API resources: Unauthorized",
        "failed to list resources: Unauthorized",
        "Failed to watch {kind}: {}: Unauthorized",
        "Failed to watch: {}: Unauthorized",
        "^Unauthorized$",
        "^error: Unauthorized$",
        "^Error: Unauthorized$",
        "│ Error: Unauthorized",
        "Error from server (Unauthorized): Unauthorized",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity, At::Token],
    causes: &[
        "no access entry and no element of aws-auth maps the role that argocd-k8s-auth uses",
        "`awsAuthConfig.clusterName` isn't the EKS cluster's name, so the signed header in the token is of another cluster",
        "the role was deleted and made anew: the access entry is of the old one's unique id",
        "the session behind the token has expired",
    ],
    evidence: &[
        "aws eks list-access-entries, describe-access-entry: `createdAt` against the role's `CreateDate`",
        "`clusterName` in `config` of the cluster Secret",
        "the authenticator's log of the cluster (control plane logging, type `authenticator`)",
    ],
    fix: &[
        "make an access entry of type STANDARD for the role, with a group that is bound",
        "set `awsAuthConfig.clusterName` to the EKS cluster's name",
    ],
    sources: &[
        "Kubernetes, apimachinery/pkg/api/errors/errors.go, `NewGenericServerResponse`",
        "aws-iam-authenticator, pkg/token/token.go",
        "argo-cd#2347",
        "argo-cd#3941",
    ],
    asks: Asks::Cluster,
};
