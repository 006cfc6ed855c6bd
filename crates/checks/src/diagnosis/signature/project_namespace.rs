//! An object in a namespace that the AppProject doesn't list.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "project-namespace",
    title: "the AppProject doesn't permit the object's namespace",
    patterns: &["namespace {namespace} is not permitted in project '{project}'"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Project],
    causes: &[
        "an object names `{namespace}`, which `spec.destinations` of AppProject `{project}` doesn't have for that cluster",
    ],
    evidence: &["`spec.destinations` of the AppProject", "`metadata.namespace` of the object"],
    fix: &[
        "add `{namespace}` for that cluster to `spec.destinations` of AppProject `{project}`",
        "or leave `metadata.namespace` out",
    ],
    sources: &["Argo CD, controller/sync.go, `validateSyncPermissions`"],
    asks: Asks::Project,
};
