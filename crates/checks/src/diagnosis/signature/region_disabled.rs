//! STS of a region that an account hasn't switched on.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "region-disabled",
    title: "STS isn't active in that region for the account",
    patterns: &["STS is not activated in this region for account:{account}"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::AssumeRole],
    causes: &["the region is one that accounts switch on themselves, and account {account} hasn't"],
    evidence: &["aws account list-regions, in account {account}"],
    fix: &[
        "activate the region's STS in account {account}",
        "or set `AWS_REGION` to one that is active",
    ],
    sources: &[r#"IAM User Guide, "Manage AWS STS in an AWS Region""#],
    asks: Asks::Nothing,
};
