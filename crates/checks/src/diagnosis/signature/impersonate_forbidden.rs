//! Sync impersonation: the API server asks whether the caller may act as the service account.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "impersonate-forbidden",
    title: "Argo CD may not act as the service account that its AppProject names",
    patterns: &[
        r#"serviceaccounts "{name}" is forbidden: User "{user}" cannot impersonate resource "{resource}" in API group "{group}" in the namespace "{namespace}""#,
        r#"users "{name}" is forbidden: User "{user}" cannot impersonate resource "{resource}" in API group "{group}" at the cluster scope"#,
        r#"User "{user}" cannot impersonate resource "{resource}" in API group "{group}" in the namespace "{namespace}""#,
        r#"User "{user}" cannot impersonate resource "{resource}" in API group "{group}" at the cluster scope"#,
    ],
    fixed: &[("verb", "impersonate")],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Impersonation],
    causes: &[
        "nothing lets `{user}` impersonate the service account on that cluster",
        "since Argo CD 3.5 argocd-server impersonates, too, and the ClusterRole that it is installed with doesn't allow it",
    ],
    evidence: &[
        "kubectl auth whoami, with the same credentials: user name and groups as the API server sees them",
        "`application.sync.impersonation.enabled` in argocd-cm, `destinationServiceAccounts` of the AppProject",
    ],
    fix: &[
        "let it `impersonate` that `serviceaccounts` object by its name, in a Role of its namespace",
    ],
    sources: &[
        "Argo CD, docs/operator-manual/app-sync-using-impersonation.md",
        "argo-helm#4028",
        "Kubernetes, apiserver/pkg/endpoints/filters/impersonation",
    ],
    asks: Asks::Request,
};
