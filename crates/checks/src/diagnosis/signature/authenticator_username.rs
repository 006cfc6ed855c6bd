//! User names that are EKS's own.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "authenticator-username",
    title: "the entry's user name is one that only EKS may give",
    patterns: &["invalid username '{username}' for mapper {mapper}: username must not begin with"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity],
    causes: &["aws-auth or the access entry gives `{username}`, whose beginning is reserved"],
    evidence: &["`username` of the mapping"],
    fix: &["give another user name, and bind a group"],
    sources: &["aws-iam-authenticator, pkg/server/server.go"],
    asks: Asks::Nothing,
};
