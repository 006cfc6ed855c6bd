//! Discovery that was answered with 401.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "discovery-unauthorized",
    title: "the cluster refuses the token already when it is asked for its API",
    patterns: &[
        "failed to discover server resources for group version {version}: Unauthorized",
        "couldn't get resource list for {version}: Unauthorized",
        "unable to retrieve the complete list of server APIs: {}Unauthorized",
        "couldn't get current server API group list: {}Unauthorized",
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
        "argo-cd#24876",
    ],
    asks: Asks::Cluster,
};
