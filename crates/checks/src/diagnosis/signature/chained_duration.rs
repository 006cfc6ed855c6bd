//! Sessions of chained roles end after an hour.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "chained-duration",
    title: "a chained session is asked to last longer than an hour",
    patterns: &[
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::AssumeRole],
    causes: &[
        "a profile or plugin sets `duration_seconds` above 3600 for a role that is assumed from another role's session",
    ],
    evidence: &["`duration_seconds` in the pod's AWS configuration"],
    fix: &["leave the duration out: argocd-k8s-auth sets none"],
    sources: &[r#"IAM User Guide, "Roles terms and concepts", role chaining"#],
    asks: Asks::Nothing,
};
