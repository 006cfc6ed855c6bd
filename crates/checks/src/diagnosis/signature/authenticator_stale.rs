//! Access entries are of a unique id.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "authenticator-stale",
    title: "the access entry is of an earlier role of the same name",
    patterns: &["ARN does not match User ID"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity],
    causes: &[
        "the role was deleted and made anew after its access entry: the entry is of the old role's unique id",
    ],
    evidence: &["aws eks describe-access-entry: `createdAt`; aws iam get-role: `CreateDate`"],
    fix: &["delete the access entry and make it again"],
    sources: &[
        "aws-iam-authenticator, pkg/errutil/errors.go",
        r#"EKS User Guide, "Create access entries""#,
    ],
    asks: Asks::Cluster,
};
