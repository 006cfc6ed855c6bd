//! The API server lets nobody write a role that holds more than they do.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "escalation-role",
    title: "Argo CD would write a role or binding that gives more than it holds itself",
    patterns: &[
        r#"{of} "{name}" is forbidden: user "{user}" (groups={}) is attempting to grant RBAC permissions not currently held:{rules}"#,
        r#"user "{user}" (groups={}) is attempting to grant RBAC permissions not currently held:{rules}"#,
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Escalation],
    causes: &[
        "`{user}` doesn't hold by RBAC all that the role has in it; what it holds by access policies of EKS doesn't count for this",
        "it has neither `escalate` on the role nor `bind` on what the binding names",
    ],
    evidence: &[
        "the rules after the message: they are the ones that are lacking",
        "kubectl auth whoami, with the same credentials: user name and groups as the API server sees them",
    ],
    fix: &[
        "give it `escalate` (for a role) or `bind` (for a binding) on that name",
        "or the same rules by RBAC",
    ],
    sources: &[
        "Kubernetes, pkg/registry/rbac/validation/rule.go",
        r#"Kubernetes, "Using RBAC Authorization", privilege escalation prevention"#,
        "containers-roadmap#2682",
    ],
    asks: Asks::Escalation,
};
