//! Why something is decided as it is.

use std::fmt;

use facts::{Gap, Outcome};
use serde::Serialize;

/// Where a line of the policy stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "in")]
pub enum Source {
    /// Argo CD's own policy (util/assets/builtin-policy.csv).
    Builtin,
    /// An entry of argocd-rbac-cm.
    Config {
        /// `policy.csv` or an overlay.
        key: String,
        /// 1-based line in the entry.
        line: u32,
    },
    /// A role of an AppProject.
    Project {
        /// The AppProject.
        project: String,
        /// Its role.
        role: String,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builtin => f.write_str("builtin"),
            Self::Config { key, line } => write!(f, "{key}:{line}"),
            Self::Project { project, role } => write!(f, "AppProject {project}, role {role}"),
        }
    }
}

/// A line of the policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PolicyLine {
    /// Where it stands.
    pub source: Source,
    /// As it is written there.
    pub text: String,
}

/// Which of a person's names is tried.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "as", content = "name")]
pub enum Whom {
    /// The role that everybody has, by `policy.default`.
    DefaultRole(String),
    /// The identifier of the user, account or token.
    Subject(String),
    /// One of the groups.
    Group(String),
    /// The empty name, which Argo CD tries last, for everybody (util/rbac/rbac.go, `enforce`).
    Anyone,
}

impl Whom {
    /// The name that policy lines are compared with.
    pub fn name(&self) -> &str {
        match self {
            Self::DefaultRole(name) | Self::Subject(name) | Self::Group(name) => name,
            Self::Anyone => "",
        }
    }
}

/// The line that decides, and how it comes to be about the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct By {
    /// The `p` line.
    pub line: PolicyLine,
    /// The name that it was tried for.
    pub whom: Whom,
    /// The `g` lines from that name to the line's subject, in this order; none if the line names it itself.
    pub through: Vec<PolicyLine>,
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (`{}`)", self.line.source, self.line.text)?;
        self.through.iter().try_for_each(|line| write!(f, ", through {} (`{}`)", line.source, line.text))
    }
}

/// What the run for one name came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "found")]
pub enum Found {
    /// Some line allows it and none denies it.
    Allowed {
        /// The first line that allows it.
        by: By,
    },
    /// Some line denies it.
    Denied {
        /// The first line that denies it.
        by: By,
    },
    /// A regular expression that Go refuses ended the run, so it allows nothing (util/builtin_operators.go of Casbin,
    /// `RegexMatch`).
    Broken {
        /// The line that has it.
        by: By,
    },
    /// No line is about it.
    Nothing,
    /// It hangs on what isn't known.
    Unknown {
        /// What would have to be known.
        missing: Vec<Gap>,
    },
}

/// The run for one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pass {
    /// The name.
    pub whom: Whom,
    /// The AppProject whose roles counted in it.
    pub project: Option<String>,
    /// What it came to.
    #[serde(flatten)]
    pub found: Found,
}

/// Every name that was tried, in Argo CD's order, up to the first that is allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What each name came to.
    pub passes: Vec<Pass>,
    /// Groups that weren't tried, as no `g` line has them as its member.
    pub groups_without_role: Vec<String>,
    /// Argo CD refuses argocd-rbac-cm, so nothing was tried.
    pub refused: bool,
}

impl Explanation {
    /// The answer: what one name is allowed is allowed.
    pub fn outcome(self) -> Outcome<By> {
        let (mut denied, mut missing) = (None, Vec::new());
        for pass in self.passes {
            match pass.found {
                Found::Allowed { by } => return Outcome::Allowed { by },
                Found::Denied { by } => denied = denied.or(Some(by)),
                Found::Unknown { missing: more } => missing.extend(more),
                Found::Broken { .. } | Found::Nothing => {}
            }
        }
        missing.sort();
        missing.dedup();
        match denied {
            _ if !missing.is_empty() => Outcome::Unknown { missing },
            Some(by) => Outcome::Denied { by },
            None => Outcome::NotAllowed,
        }
    }
}
