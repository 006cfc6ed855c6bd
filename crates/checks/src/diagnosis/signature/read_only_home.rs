//! The AWS CLI wants to write below the home folder.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "read-only-home",
    title: "the AWS CLI can't write its cache in the pod",
    patterns: &[
        "Read-only file system: '{path}/.aws'",
        "read-only file system: '{path}/.aws'",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &[
        "`execProviderConfig` runs the AWS CLI in a container whose root file system is read-only",
    ],
    evidence: &["`config` of the cluster Secret"],
    fix: &[
        "use `awsAuthConfig`, which needs no AWS CLI",
        "or set `HOME` to a volume that can be written",
    ],
    sources: &["argo-cd#6148"],
    asks: Asks::Cluster,
};
