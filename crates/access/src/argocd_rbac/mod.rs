//! Argo CD's own RBAC: who may do what in Argo CD, by argocd-rbac-cm and the roles of AppProjects.
//!
//! The source of facts is Argo CD v3.5.3: `util/rbac/rbac.go` (reading, loading, one run of Casbin),
//! `util/assets/model.conf` (the model), `server/rbacpolicy/rbacpolicy.go` (which names of a person are tried, and
//! when an AppProject's policies count). Some of it surprises:
//!
//! - What the default role allows, no `deny` takes away; and a `deny` on one group leaves what another group allows.
//! - A group counts only if it is the member of some `g` line.
//! - One malformed line makes Argo CD refuse the whole policy, and then every request.
//! - With `policy.matchMode: regex`, one invalid pattern ends the run: the built-in roles, written as globs, allow nothing.

mod ask;
mod builtin;
mod config;
mod csv;
mod decide;
mod enforce;
mod explanation;
mod go_regex;
mod holders;
mod line;
mod pattern;
mod policy;
mod project;
mod roles;
mod subject;

use std::collections::BTreeMap;

use facts::{Outcome, Problem};
use serde_json::Value;

pub use ask::{Ask, application_object};
pub use explanation::{By, Explanation, Found, Pass, PolicyLine, Source, Whom};
pub use holders::{Holder, HolderKind};
pub use pattern::MatchMode;
pub use subject::Subject;

use policy::Policy;

/// Everything that decides who may do what in one Argo CD.
#[derive(Clone, Debug)]
pub struct ArgocdRbac {
    /// The built-in policy, then that of argocd-rbac-cm.
    policy: Policy,
    default_role: Option<String>,
    mode: MatchMode,
    scopes: Vec<String>,
    /// By name; a project whose policies Argo CD can't load has none.
    projects: BTreeMap<String, Policy>,
    refused: bool,
}

impl ArgocdRbac {
    /// Reads the data of argocd-rbac-cm. No data is a ConfigMap that isn't there.
    ///
    /// With any problem, Argo CD's API server doesn't start, and one that runs already answers no request
    /// (util/rbac/rbac.go, `syncUpdate`, `getCasbinEnforcer`): then nobody is allowed anything.
    pub fn of_config(data: &BTreeMap<String, String>) -> (Self, Vec<Problem>) {
        config::read(data)
    }

    /// Adds an AppProject with its roles.
    ///
    /// Argo CD keeps an AppProject whose policies it can't load, without them. A project that isn't added is one
    /// that isn't there.
    pub fn with_project(mut self, project: &Value) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        if let Some((name, policy)) = project::read(project, self.mode, &mut problems) {
            self.projects.insert(name, policy);
        }
        (self, problems)
    }

    /// Adds several, as [`with_project`](Self::with_project) does.
    pub fn with_projects<'a>(self, projects: impl IntoIterator<Item = &'a Value>) -> (Self, Vec<Problem>) {
        projects.into_iter().fold((self, Vec::new()), |(rbac, mut problems), project| {
            let (rbac, more) = rbac.with_project(project);
            problems.extend(more);
            (rbac, problems)
        })
    }

    /// The objects that lines are about, as they are written: built-in policy, argocd-rbac-cm, projects.
    pub fn objects(&self) -> impl Iterator<Item = String> {
        let policies = std::iter::once(&self.policy).chain(self.projects.values());
        let rules = policies.flat_map(|policy| &policy.rules);
        rules.filter_map(|rule| csv::fields(&rule.line.text).ok()?.into_iter().nth(4))
    }

    /// Whether somebody may do something.
    ///
    /// `Denied` says that a `deny` line stopped one of the person's names and that none of the others is allowed.
    pub fn decide(&self, subject: &Subject, ask: &Ask) -> Outcome<By> {
        self.explain(subject, ask).outcome()
    }

    /// The role that everybody has (`policy.default`).
    pub fn default_role(&self) -> Option<&str> {
        self.default_role.as_deref()
    }

    /// How patterns are read (`policy.matchMode`).
    pub fn mode(&self) -> MatchMode {
        self.mode
    }

    /// The claims of a token whose values are groups (`scopes`).
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Whether Argo CD refuses argocd-rbac-cm, and with it every request.
    pub fn is_refused(&self) -> bool {
        self.refused
    }

    /// Who a token says that somebody is, by its claims.
    pub fn subject_of(&self, claims: &Value) -> Subject {
        Subject::of_claims(claims, &self.scopes)
    }
}
