//! What comes of a question: both opinions, and what the two make together.

use access::At;
use facts::{Gap, Outcome};
use schemars::JsonSchema;
use serde::Serialize;

/// A question that was put to AWS or to a cluster, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// What was asked.
    pub question: Question,
    /// The hop that it is about.
    pub at: At,
    /// The cluster, by its name in the fleet; absent where it is about none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Who asked, or about whom.
    pub who: String,
    /// About what.
    pub about: String,
    /// What it means.
    pub verdict: Word,
    /// What Oarlock says, from what was collected.
    pub expected: String,
    /// What AWS or the cluster says; absent where it couldn't be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered: Option<String>,
    /// What would have to be known or permitted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Gap>,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// `sts:GetCallerIdentity`, as the role by which Argo CD comes: is it that role?
    CallerIdentity,
    /// `iam:SimulatePrincipalPolicy`: does AWS's own simulator let a role assume the next?
    Simulation,
    /// `eks:DescribeAccessEntry` and `iam:GetRole`: is the access entry younger than its role?
    EntryAge,
    /// SelfSubjectReview: which user in which groups?
    ClusterUser,
    /// SelfSubjectAccessReview: is a need allowed?
    AccessReview,
    /// SelfSubjectRulesReview: are the rules those that were collected?
    RulesReview,
    /// `cloudtrail:LookupEvents`: has AWS refused anything lately?
    Refusals,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// It is as it must be, and both say so.
    Holds,
    /// It isn't, or the two disagree.
    Violated,
    /// It couldn't be asked, or the answer is incomplete.
    Unknown,
}

impl Question {
    /// As output has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CallerIdentity => "caller-identity",
            Self::Simulation => "simulation",
            Self::EntryAge => "entry-age",
            Self::ClusterUser => "cluster-user",
            Self::AccessReview => "access-review",
            Self::RulesReview => "rules-review",
            Self::Refusals => "refusals",
        }
    }
}

impl Word {
    /// As output has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Violated => "violated",
            Self::Unknown => "unknown",
        }
    }
}

/// Of whom and of what, before there is an answer.
#[derive(Clone, Debug)]
pub(super) struct Asking {
    pub(super) question: Question,
    pub(super) at: At,
    pub(super) cluster: Option<String>,
    pub(super) who: String,
    pub(super) about: String,
}

impl Asking {
    /// Something that must be equal to what was expected.
    pub(super) fn equal(self, expected: String, answered: String) -> Answer {
        let verdict = if expected == answered { Word::Holds } else { Word::Violated };
        self.said(verdict, expected, Some(answered), Vec::new())
    }

    /// Something that must be allowed. Where Oarlock can't tell, the answer alone counts.
    pub(super) fn allowed<By>(self, ours: &Outcome<By>, allowed: bool, why: &str) -> Answer {
        let refused = matches!(ours, Outcome::Denied { .. } | Outcome::NotAllowed);
        let verdict = if allowed && !refused { Word::Holds } else { Word::Violated };
        let answered = if allowed { "allowed" } else { "not allowed" };
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        self.said(verdict, words(ours).to_owned(), Some(format!("{answered}{why}")), Vec::new())
    }

    /// Something that couldn't be asked.
    pub(super) fn unasked(self, expected: impl Into<String>, missing: Gap) -> Answer {
        self.said(Word::Unknown, expected.into(), None, vec![missing])
    }

    pub(super) fn said(
        self,
        verdict: Word,
        expected: String,
        answered: Option<String>,
        missing: Vec<Gap>,
    ) -> Answer {
        let Self { question, at, cluster, who, about } = self;
        Answer { question, at, cluster, who, about, verdict, expected, answered, missing }
    }
}

/// What Oarlock says.
pub(super) fn words<By>(ours: &Outcome<By>) -> &'static str {
    match ours {
        Outcome::Allowed { .. } => "allowed",
        Outcome::Denied { .. } => "denied",
        Outcome::NotAllowed => "not allowed",
        Outcome::Unknown { .. } => "not known",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking() -> Asking {
        Asking {
            question: Question::AccessReview,
            at: At::Authorization,
            cluster: None,
            who: "controller".to_owned(),
            about: "get pods".to_owned(),
        }
    }

    #[test]
    fn a_need_holds_only_where_nobody_says_no() {
        let verdict = |ours: Outcome<()>, allowed| asking().allowed(&ours, allowed, "").verdict;
        let unknown = || Outcome::Unknown { missing: Vec::new() };
        assert_eq!(verdict(Outcome::Allowed { by: () }, true), Word::Holds);
        assert_eq!(verdict(unknown(), true), Word::Holds);
        assert_eq!(verdict(Outcome::Allowed { by: () }, false), Word::Violated);
        assert_eq!(verdict(Outcome::NotAllowed, false), Word::Violated);
        // A disagreement is shown, even where it is in Argo CD's favour.
        assert_eq!(verdict(Outcome::NotAllowed, true), Word::Violated);
        assert_eq!(verdict(unknown(), false), Word::Violated);
    }
}
