//! EKS knows no such cluster in that account and region.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "eks-no-cluster",
    title: "there is no EKS cluster of that name in the account and region",
    patterns: &["No cluster found for name: {cluster}"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret, At::Token],
    causes: &["the name is another one, or the region or account of the credentials is"],
    evidence: &["aws eks list-clusters"],
    fix: &["name the cluster as EKS does, and the region"],
    sources: &[r#"EKS API, DescribeCluster, "Errors""#],
    asks: Asks::Nothing,
};
