//! A destination that says too much or too little.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "destination-invalid",
    title: "the Application's destination isn't one",
    patterns: &[
        "application destination can't have both name and server defined: {reason}",
        "Destination server missing from app spec",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &["exactly one of `destination.name` and `destination.server` has to be set"],
    evidence: &["`spec.destination` of the Application"],
    fix: &["leave one of them out, or set one"],
    sources: &["Argo CD, util/argo/argo.go, `GetDestinationServer`"],
    asks: Asks::Nothing,
};
