//! The AppProject's repositories.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "project-source",
    title: "the AppProject doesn't permit the repository",
    patterns: &[
        "application repo {repo} is not permitted in project '{project}'",
        "sync source repo {repo} is not permitted in project '{project}'",
    ],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Project],
    causes: &[
        "no item of `spec.sourceRepos` of AppProject `{project}` matches `{repo}`, or one with `!` does",
    ],
    evidence: &["`spec.sourceRepos` of the AppProject"],
    fix: &["add `{repo}` to `spec.sourceRepos` of AppProject `{project}`"],
    sources: &["Argo CD, util/argo/argo.go, `ValidatePermissions`"],
    asks: Asks::Project,
};
