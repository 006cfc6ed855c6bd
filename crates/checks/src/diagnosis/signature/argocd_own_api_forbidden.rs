//! Argo CD's own objects, in its own namespace.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "argocd-own-api-forbidden",
    title: "a component of Argo CD may not use Argo CD's own objects",
    patterns: &[
        r#"{of} "{name}" is forbidden: User "{user}" cannot {verb} resource "{resource}" in API group "argoproj.io" in the namespace "{namespace}""#,
        r#"User "{user}" cannot {verb} resource "{resource}" in API group "argoproj.io" in the namespace "{namespace}""#,
        r#"{of} "{name}" is forbidden: User "{user}" cannot {verb} resource "{resource}" in API group "argoproj.io" at the cluster scope"#,
        r#"User "{user}" cannot {verb} resource "{resource}" in API group "argoproj.io" at the cluster scope"#,
    ],
    fixed: &[("group", "argoproj.io")],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Authorization],
    causes: &[
        "the Role of the component in Argo CD's namespace is missing or was narrowed, or its RoleBinding names another service account",
        "Applications in other namespaces are used, and nothing gives the components the same there",
    ],
    evidence: &[
        "kubectl get role,rolebinding in Argo CD's namespace",
        "`application.namespaces` in argocd-cmd-params-cm",
    ],
    fix: &["restore the Role of the version that is installed"],
    sources: &[
        "Argo CD, manifests/namespace-install.yaml",
        "Argo CD, docs/operator-manual/app-any-namespace.md",
    ],
    asks: Asks::Request,
};
