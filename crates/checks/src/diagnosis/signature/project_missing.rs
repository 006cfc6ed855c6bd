//! An Application of an AppProject that isn't there.

use access::At;

use super::{Asks, Rank, Signature};

pub(super) static SIGNATURE: Signature = Signature {
    id: "project-missing",
    title: "the Application's AppProject doesn't exist",
    patterns: &["Application referencing project {project} which does not exist"],
    fixed: &[],
    rank: Rank::Cause,
    when: None,
    hops: &[At::Project],
    causes: &["there is no AppProject `{project}` in Argo CD's namespace"],
    evidence: &["kubectl get appprojects, in Argo CD's namespace"],
    fix: &["make the AppProject, or name another"],
    sources: &["Argo CD, controller/appcontroller.go"],
    asks: Asks::Project,
};
