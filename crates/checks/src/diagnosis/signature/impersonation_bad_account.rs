//! A name of a service account that can't be one.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "impersonation-bad-account",
    title: "the AppProject names a service account that can't be one",
    patterns: &["default service account contains invalid chars '{account-name}'"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Impersonation],
    causes: &[
        r#"`defaultServiceAccount` holds one of `!*[]\/`: neither globs nor negations work there"#,
    ],
    evidence: &["`spec.destinationServiceAccounts` of the AppProject"],
    fix: &["write the account as `name` or `namespace:name`"],
    sources: &["Argo CD, util/settings/impersonation.go"],
    asks: Asks::Project,
};
