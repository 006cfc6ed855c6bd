//! What Argo CD applies is in a namespace that nobody made.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "namespace-missing",
    title: "the destination's namespace isn't on the cluster",
    patterns: &[r#"namespaces "{namespace}" not found$"#, r#"namespaces "{namespace}" not found (retried"#],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Project],
    causes: &[
        "nobody made the namespace `{namespace}` on the cluster: the request itself was allowed, or this would be a refusal",
        "the Application's destination, or `metadata.namespace` of a manifest, has a letter wrong",
    ],
    evidence: &["kubectl get namespace {namespace}", "`destination.namespace` and `syncOptions` of the Application"],
    fix: &[
        "set `CreateNamespace=true` in the Application's `syncOptions`: Argo CD has to be allowed to get and create it",
        "or make it otherwise: kubectl create namespace {namespace}",
    ],
    sources: &[
        "Kubernetes, apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go",
        "Argo CD, controller/sync_namespace.go",
    ],
    asks: Asks::Nothing,
};
