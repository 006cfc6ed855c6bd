//! The EKS capability looks for the access entry of its role.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "capability-entry",
    title: "the EKS capability finds no access entry of its role on the cluster",
    patterns: &["failed to verify the access entry"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity],
    causes: &[
        "the target cluster has no access entry for the capability's role: that role itself has to be named, no role is assumed, and `roleARN` in the cluster Secret doesn't help",
    ],
    evidence: &[
        "aws eks list-access-entries, on the target cluster",
        "aws eks describe-capability: `roleArn`",
    ],
    fix: &["make an access entry for the capability's role on the target cluster"],
    sources: &[
        r#"EKS User Guide, "Register target clusters""#,
        "modernisation-platform-environments#18221",
    ],
    asks: Asks::Cluster,
};
