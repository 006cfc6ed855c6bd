//! kubectl hides a refused discovery behind this.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "no-resource-type",
    title: "kubectl got no list of kinds from the cluster",
    patterns: &[r#"the server doesn't have a resource type "{resource}""#],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterIdentity, At::Token],
    causes: &[
        "discovery was refused with 401 or 403, and kubectl goes on without it",
        "the kind isn't installed on that cluster",
    ],
    evidence: &["kubectl get --raw /api: it says what was refused", "kubectl api-resources"],
    fix: &["mend the refusal that `kubectl get --raw /api` shows", "or install the kind's CRD"],
    sources: &["aws-iam-authenticator#157"],
    asks: Asks::Cluster,
};
