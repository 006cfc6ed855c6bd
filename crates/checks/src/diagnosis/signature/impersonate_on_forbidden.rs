//! Sync impersonation since Kubernetes 1.36: constrained impersonation is asked for first, and its refusal is the one that is told, though
//! the verb `impersonate` would do as before.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "impersonate-on-forbidden",
    title: "Argo CD may not act as the service account that its AppProject names, and the cluster asks for that in a new way",
    patterns: &[
        r#"User "{user}" cannot impersonate-on:{mode}:{on} path "{path}""#,
        r#"User "{user}" cannot impersonate-on:{mode}:{on} resource "{of}" in API group "{group}""#,
        r#"User "{user}" cannot impersonate:{mode} resource "{of}" in API group "{group}""#,
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Impersonation],
    causes: &[
        "nothing lets `{user}` impersonate the service account on that cluster; that no `impersonate-on:` verb is allowed is only the first of the ways that the API server tries",
    ],
    evidence: &[
        "`destinationServiceAccounts` of the AppProject: the message doesn't name the service account",
        "kubectl auth whoami, with the same credentials: user name and groups as the API server sees them",
    ],
    fix: &[
        "let it `impersonate` that `serviceaccounts` object by its name, in a Role of its namespace: no other verb is needed",
    ],
    sources: &[
        "Kubernetes, apiserver/pkg/endpoints/filters/impersonation/constrained_impersonation.go, `getImpersonatedUser`",
        "Kubernetes, KEP-5284",
    ],
    asks: Asks::Impersonation,
};
