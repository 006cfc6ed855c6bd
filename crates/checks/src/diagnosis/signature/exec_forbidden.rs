//! The web terminal asks for pods/exec, as argocd-server.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "exec-forbidden",
    title: "argocd-server may not open a terminal in a pod",
    patterns: &[
        r#"{of} "{name}" is forbidden: User "{user}" cannot {verb} resource "pods/exec" in API group "{group}" in the namespace "{namespace}""#,
        r#"User "{user}" cannot {verb} resource "pods/exec" in API group "{group}" in the namespace "{namespace}""#,
        r#"{of} "{name}" is forbidden: User "{user}" cannot {verb} resource "pods/exec" in API group "{group}" at the cluster scope"#,
        r#"User "{user}" cannot {verb} resource "pods/exec" in API group "{group}" at the cluster scope"#,
    ],
    fixed: &[("resource", "pods/exec")],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Authorization],
    causes: &[
        "nothing lets `{user}` `{verb}` pods/exec: terminals by WebSocket ask for get, and since Kubernetes 1.35 for create, those by SPDY for create",
    ],
    evidence: &["`exec.enabled` in argocd-cm"],
    fix: &[
        "let argocd-server get and create pods/exec in that namespace, and get pods",
        "or switch `exec.enabled` off",
    ],
    sources: &[
        "Argo CD, docs/operator-manual/web_based_terminal.md",
        "Kubernetes, feature gate AuthorizePodWebsocketUpgradeCreatePermission",
    ],
    asks: Asks::Request,
};
