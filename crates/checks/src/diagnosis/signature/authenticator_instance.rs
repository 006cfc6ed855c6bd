//! A mapping that is meant for nodes.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "authenticator-instance",
    title: "the role is mapped as a node, and its session is none",
    patterns: &["SessionName did not contain an instance id"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity],
    causes: &[
        "the access entry is of a node's type, or aws-auth's user name has EC2PrivateDNSName: that needs an instance's id as the session's name",
    ],
    evidence: &["aws eks describe-access-entry: `type`", "`username` in aws-auth"],
    fix: &["make the entry anew, of type STANDARD"],
    sources: &[
        "aws-iam-authenticator, pkg/server/server.go, `renderTemplate`",
        "aws-iam-authenticator#419",
    ],
    asks: Asks::Cluster,
};
