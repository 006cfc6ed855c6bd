//! Applications outside Argo CD's namespace need their AppProject's leave.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "project-app-namespace",
    title: "the AppProject doesn't take Applications from that namespace",
    patterns: &[
        "application '{application-name}' in namespace '{namespace}' is not permitted to use project '{project}'",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Project],
    causes: &["`spec.sourceNamespaces` of AppProject `{project}` doesn't have `{namespace}`"],
    evidence: &[
        "`spec.sourceNamespaces` of the AppProject",
        "`application.namespaces` in argocd-cmd-params-cm",
    ],
    fix: &["add `{namespace}` to `spec.sourceNamespaces` of AppProject `{project}`"],
    sources: &["Argo CD, util/argo/argo.go", "Argo CD, docs/operator-manual/app-any-namespace.md"],
    asks: Asks::Project,
};
