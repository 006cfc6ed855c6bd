//! Access entries need an authentication mode with API.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "entry-mode",
    title: "the cluster doesn't take access entries in its authentication mode",
    patterns: &[
        "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity],
    causes: &[
        "the cluster is in mode CONFIG_MAP, the default of the API and of CloudFormation: aws-auth alone counts",
    ],
    evidence: &["aws eks describe-cluster: `accessConfig.authenticationMode`"],
    fix: &[
        "aws eks update-cluster-config --access-config authenticationMode=API_AND_CONFIG_MAP: there is no way back",
        "or map the role in aws-auth",
    ],
    sources: &[r#"EKS User Guide, "Change authentication mode to use access entries""#],
    asks: Asks::Nothing,
};
