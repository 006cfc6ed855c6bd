//! Signatures are good for minutes.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "clock",
    title: "the clock of the node and AWS's differ",
    patterns: &["Signature expired: {reason}", "Signature not yet current: {reason}"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ServiceAccount],
    causes: &["the node's clock is wrong by more than five minutes"],
    evidence: &["chronyc tracking, on the node"],
    fix: &["let the node follow Amazon's time service (169.254.169.123)"],
    sources: &[r#"IAM User Guide, "Troubleshoot Signature Version 4 requests""#],
    asks: Asks::Nothing,
};
