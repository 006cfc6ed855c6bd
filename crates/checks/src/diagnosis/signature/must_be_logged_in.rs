//! kubectl's words for 401.

use access::At;

use super::{Asks, Rank, Signature, refused_token};

pub(super) static SIGNATURE: Signature = Signature {
    id: "must-be-logged-in",
    title: "the cluster doesn't know the caller",
    patterns: &["You must be logged in to the server"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity, At::Token],
    causes: refused_token::CAUSES,
    evidence: &[
        refused_token::ENTRIES,
        refused_token::CLUSTER_NAME,
        refused_token::LOG,
        "aws sts get-caller-identity, in the same shell",
    ],
    fix: refused_token::FIX,
    sources: &["Kubernetes, kubectl/pkg/cmd/util/helpers.go", "aws-iam-authenticator#190"],
    asks: Asks::Cluster,
};
