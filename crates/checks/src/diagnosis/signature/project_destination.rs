//! The AppProject doesn't list the destination.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "project-destination",
    title: "the AppProject doesn't permit the Application's destination",
    patterns: &[
        "application destination server '{server}' and namespace '{namespace}' do not match any of the allowed destinations in project '{project}'",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Project],
    causes: &[
        "no item of `spec.destinations` of AppProject `{project}` matches server (or name) and namespace, or one with `!` refuses them",
    ],
    evidence: &[
        "`spec.destinations` of the AppProject: globs, by `server` or by `name`",
        "a `!` item that doesn't match allows everything else",
    ],
    fix: &[
        "add `server: {server}` with `namespace: {namespace}` to `spec.destinations` of AppProject `{project}`",
    ],
    sources: &["Argo CD, util/argo/argo.go, `ValidatePermissions`", "argo-cd#21538", "argo-cd#19804"],
    asks: Asks::Project,
};
