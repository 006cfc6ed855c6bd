//! `CreateNamespace=true` asks for the destination's Namespace.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "create-namespace-forbidden",
    title: "Argo CD may not read or make the destination's namespace",
    patterns: &[
        r#"{of} "{name}" is forbidden: User "{user}" cannot {verb} resource "namespaces" in API group "{group}" in the namespace "{namespace}""#,
        r#"User "{user}" cannot {verb} resource "namespaces" in API group "{group}" in the namespace "{namespace}""#,
        r#"{of} "{name}" is forbidden: User "{user}" cannot {verb} resource "namespaces" in API group "{group}" at the cluster scope"#,
        r#"User "{user}" cannot {verb} resource "namespaces" in API group "{group}" at the cluster scope"#,
    ],
    fixed: &[("resource", "namespaces")],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Authorization],
    causes: &[
        "`CreateNamespace=true` gets, creates and, with metadata, patches the Namespace `{name}`, and nothing lets `{user}` do so",
    ],
    evidence: &["`syncOptions` and `managedNamespaceMetadata` of the Application"],
    fix: &[
        "let it get (and create) namespaces by a ClusterRole; getting one by its name needs no more than `resourceNames`",
        "or make the namespace otherwise, and leave `CreateNamespace` out",
    ],
    sources: &["Argo CD, controller/sync_namespace.go", "argo-cd#19262"],
    asks: Asks::Request,
};
