//! Argo CD applies RBAC objects with `kubectl auth reconcile` first; what follows says why that failed.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "auth-reconcile",
    title: "Argo CD couldn't reconcile a role or binding",
    patterns: &["error running kubectl auth reconcile: {reason}"],
    fixed: &[],
    rank: Rank::Symptom,
    when: None,
    hops: &[At::Authorization, At::Escalation],
    causes: &[
        "the rest of the message says it: before it writes, it reads the object and its namespace",
    ],
    evidence: &["the rest of the message"],
    fix: &["let it get namespaces, and get, create and update the role or binding"],
    sources: &["Argo CD, gitops-engine/pkg/utils/kube/resource_ops.go, `rbacReconcile`"],
    asks: Asks::Nothing,
};
