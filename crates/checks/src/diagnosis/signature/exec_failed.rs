//! A credential plugin failed; its exit code is all that the message keeps.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "exec-failed",
    title: "the cluster Secret's credential plugin failed",
    patterns: &[
        "exec: executable {command} failed with exit code {code}",
        "getting credentials: exec: exit status {code}",
    ],
    fixed: &[],
    rank: Rank::Symptom,
    when: None,
    hops: &[At::ServiceAccount, At::AssumeRole],
    causes: &[
        "the plugin got no AWS credentials, or isn't allowed what it asks for; what it wrote to its own standard error is in the component's log",
    ],
    evidence: &[
        "the lines of the same pod right before",
        "the plugin's command, run in the pod by hand",
    ],
    fix: &[
        "use `awsAuthConfig` in the cluster Secret, which needs no plugin beside Argo CD's own",
        "mend what the plugin prints",
    ],
    sources: &["Kubernetes, client-go/plugin/pkg/client/auth/exec/exec.go"],
    asks: Asks::Cluster,
};
