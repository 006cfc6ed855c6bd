//! A namespace that the cluster Secret doesn't list.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "namespaced-mode-namespace",
    title: "the cluster is managed by namespaces, and this one isn't listed",
    patterns: &[r#"amespace "{namespace}" for {kind} "{name}" is not managed"#],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &["`namespaces` of the cluster Secret doesn't have `{namespace}`"],
    evidence: &["`namespaces` of the cluster Secret"],
    fix: &[
        "add `{namespace}` to `namespaces` of the cluster Secret, and give Argo CD its rights there",
    ],
    sources: &[
        "Argo CD, gitops-engine/pkg/cache/cluster.go, `GetManagedLiveObjs`",
        "argocd-operator#1651",
    ],
    asks: Asks::Managed,
};
