//! The AppProject's lists of kinds.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "project-kind",
    title: "the AppProject doesn't permit the kind",
    patterns: &["resource {group}:{kind} is not permitted in project {project}"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Project],
    causes: &[
        "the kind is cluster-scoped and `clusterResourceWhitelist` of AppProject `{project}` doesn't have it: an empty list permits none",
        "it is in a blacklist, or not in a whitelist of namespaced kinds that isn't empty",
    ],
    evidence: &[
        "`clusterResourceWhitelist`, `namespaceResourceWhitelist` and the blacklists of the AppProject",
    ],
    fix: &[
        r#"add `group: "{group}"`, `kind: {kind}` to the list of the AppProject that is for its scope"#,
    ],
    sources: &["Argo CD, controller/sync.go, `validateSyncPermissions`"],
    asks: Asks::Project,
};
