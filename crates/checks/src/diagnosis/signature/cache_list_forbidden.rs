//! Argo CD's live cache lists every kind of a cluster; one refusal stops the whole cluster.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "cache-list-forbidden",
    title: "Argo CD may not list a kind, and so has no picture of the whole cluster",
    patterns: &[
        r#"failed to load initial state of resource {kind}: {}User "{user}" cannot {verb} resource "{resource}" in API group "{group}" in the namespace "{namespace}""#,
        r#"failed to load initial state of resource {kind}: {}User "{user}" cannot {verb} resource "{resource}" in API group "{group}" at the cluster scope"#,
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Authorization],
    causes: &[
        "nothing lets `{user}` list `{resource}` of {group}: the cache lists and watches all kinds that the cluster serves, unless argocd-cm says otherwise",
        "access policies of EKS other than AmazonEKSClusterAdminPolicy and AmazonEKSAdminViewPolicy name only built-in kinds, so custom resources are refused",
    ],
    evidence: &[
        "kubectl auth can-i {verb} {resource} --as {user}: it asks RBAC alone, and access policies of EKS don't show there",
        "`resource.inclusions`, `resource.exclusions` and `resource.respectRBAC` in argocd-cm: unset means all kinds, and that each refusal is fatal",
    ],
    fix: &[
        "let it list and watch the kind in the scope of the message",
        "or set `resource.respectRBAC: normal` in argocd-cm, or exclude the kind with `resource.exclusions`",
    ],
    sources: &["Argo CD, gitops-engine/pkg/cache/cluster.go, `sync`", "argo-cd#6643", "argo-cd#15051"],
    asks: Asks::Request,
};
