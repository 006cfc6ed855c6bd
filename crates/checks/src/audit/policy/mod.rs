//! IAM policies: what a role may do, and what a document doesn't do though it seems to.

pub(crate) mod action_without_such_resource;
pub(crate) mod allows_all_but;
pub(crate) mod allows_everything;
pub(crate) mod assume_any_role;
pub(crate) mod assumes_missing_role;
pub(crate) mod control_plane_policy;
pub(crate) mod key_of_other_actions;
pub(crate) mod never_matches;
pub(crate) mod operator_for_other_type;
pub(crate) mod pass_any_role;
pub(crate) mod pattern_without_action;
pub(crate) mod plain_wildcard;
pub(crate) mod policy_size;
pub(crate) mod privilege_escalation;
pub(crate) mod refused_by_aws;
pub(crate) mod service_wildcard;
pub(crate) mod unknown_action;
pub(crate) mod unknown_condition_key;
pub(crate) mod unneeded_by_argocd;

use std::fmt;

use facts::Severity;

use super::{
    check::{Facts, Sink},
    source::Node,
    subject::{Scene, Statement, place},
};

/// What `iam`'s lint says, in its own words.
struct Advised<'s>(&'s iam::Advice);

impl fmt::Display for Advised<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Facts for Advised<'_> {
    fn severity(&self) -> Option<Severity> {
        matches!(self.0, iam::Advice::Size { .. }).then(|| self.0.severity())
    }

    fn help(&self) -> Vec<String> {
        self.0.help().into_iter().collect()
    }
}

/// Passes on the remarks that a check is about.
fn advised(scene: &Scene<'_>, sink: &mut Sink, is: impl Fn(&iam::Advice) -> bool) {
    for policy in scene.policies() {
        for (advice, spot) in policy.remarks().iter().filter(|(advice, _)| is(advice)) {
            sink.found(place(policy.file, *spot), &Advised(advice));
        }
    }
}

/// Whether a statement is for every resource.
fn everywhere<'s>(statement: &Statement<'s>) -> Option<&'s Node> {
    statement.values("Resource").iter().find(|node| node.text() == Some("*"))
}
