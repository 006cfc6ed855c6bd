//! Impersonation couldn't be set up; what follows says why.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "impersonation-failed",
    title: "Argo CD can't work out as whom it should act",
    patterns: &[
        "cannot apply impersonation: {reason}",
        "failed to derive service account to impersonate: {reason}",
        "error deriving service account to impersonate: {reason}",
    ],
    fixed: &[],
    rank: Rank::Symptom,
    when: None,
    hops: &[At::Impersonation],
    causes: &["the rest of the message says it"],
    evidence: &["`spec.destinationServiceAccounts` of the AppProject"],
    fix: &["mend what the rest of the message names"],
    sources: &["Argo CD, controller/appcontroller.go, `applyImpersonationConfig`"],
    asks: Asks::Project,
};
