//! The authenticator's log, in the control plane's logs.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "authenticator-not-mapped",
    title: "the cluster's authenticator knows the caller, and nothing maps it",
    patterns: &[
        "access denied: identity is not mapped",
        "access denied: ARN is not mapped",
        "identity is not mapped",
        "ARN is not mapped",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity],
    causes: &[
        "no access entry and no element of aws-auth is of `{caller-arn}`",
        "aws-auth has the role with its path, which STS doesn't tell",
    ],
    evidence: &["aws eks list-access-entries", "kubectl -n kube-system get configmap aws-auth -o yaml"],
    fix: &["make an access entry of type STANDARD for that role, with a group that is bound"],
    sources: &["aws-iam-authenticator, pkg/server/server.go", "aws-iam-authenticator#268"],
    asks: Asks::Cluster,
};
