//! Argo CD's own RBAC.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "argocd-permission-denied",
    title: "Argo CD itself doesn't let the person do it",
    patterns: &[
        "permission denied: {resource}, {action}, {object}, sub: {subject}",
        "permission denied: {resource}, {action}, {object}",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::ArgocdRbac],
    causes: &[
        "neither `policy.csv` in argocd-rbac-cm nor a role of the AppProject gives `{action}` on `{object}`",
    ],
    evidence: &[
        "argocd account can-i {action} {resource} {object}",
        "`policy.csv`, `policy.default` and `scopes` in argocd-rbac-cm",
    ],
    fix: &[
        "add the line `p, ROLE, {resource}, {action}, {object}, allow`, and give the role to the person's group",
    ],
    sources: &["Argo CD, util/rbac/rbac.go, `EnforceErr`"],
    asks: Asks::ArgocdRbac,
};
