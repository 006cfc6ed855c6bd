//! No entry of the AppProject matches, and impersonation is enforced.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "impersonation-no-account",
    title: "no service account is named for the destination",
    patterns: &[
        "no matching service account found for destination server {server} and namespace {namespace}",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Impersonation],
    causes: &[
        "no item of `destinationServiceAccounts` of the AppProject matches the server's URL and the namespace of the Application's destination: names of clusters don't count there",
        "the Application's destination has no namespace, which only a glob that matches the empty text does",
    ],
    evidence: &[
        "`spec.destinationServiceAccounts` of the Application's AppProject",
        "`application.sync.impersonation.enforced` in argocd-cm",
    ],
    fix: &[
        "add an item with `server: {server}`, `namespace: {namespace}` and `defaultServiceAccount`",
        r#"or set `application.sync.impersonation.enforced: "false"`, and such Applications sync as the controller"#,
    ],
    sources: &["Argo CD, util/settings/impersonation.go", "argo-cd#22486", "argo-cd#23309"],
    asks: Asks::Project,
};
