//! A cluster Secret with `namespaces` manages no cluster-scoped kinds.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "namespaced-mode-kind",
    title: "the cluster is managed by namespaces, and the object is in none",
    patterns: &[
        r#"cluster level {kind} "{name}" can not be managed when in namespaced mode"#,
        r#"Cluster level {kind} "{name}" can not be managed when in namespaced mode"#,
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ClusterSecret],
    causes: &["the cluster Secret lists `namespaces`, and `clusterResources` isn't exactly `true`"],
    evidence: &["`namespaces` and `clusterResources` of the cluster Secret"],
    fix: &[
        r#"set `clusterResources: "true"` in the cluster Secret, and let Argo CD list and watch the cluster's kinds"#,
        "or leave {kind} `{name}` out of the Application",
    ],
    sources: &[
        "Argo CD, gitops-engine/pkg/cache/cluster.go, `GetManagedLiveObjs`",
        "argo-cd#12467",
        "argo-cd#5886",
    ],
    asks: Asks::Managed,
};
