//! Who may do something: everybody, or each name in the policies that is allowed it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{ArgocdRbac, Ask, By, Found, Subject, Whom, policy::Policy};

/// As what a name may do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HolderKind {
    /// Whoever is logged in, by the default role or by a line for the empty name.
    Everyone,
    /// A token of a project's role.
    ProjectRole,
    /// A role: whoever has it, unless a `deny` on another of their roles stops it.
    Role,
    /// A user or account of this name, and a group if some `g` line has it as its member.
    Name,
}

/// Somebody who may do it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// As what.
    pub kind: HolderKind,
    /// The name in the policies; empty for everybody.
    pub name: String,
    /// Whether a group of this name may do it, too.
    pub as_group: bool,
    /// What allows it.
    pub by: By,
}

impl ArgocdRbac {
    /// Everybody who may do it for sure: first "everyone", then names in their order, by what they have on their own.
    ///
    /// A name is any that a policy line has as its subject, its member or its role. Of a name that is undecided,
    /// [`decide`](Self::decide) says why.
    pub fn holders(&self, ask: &Ask) -> Vec<Holder> {
        if self.refused {
            return Vec::new();
        }
        let names = self.names_in_policies(ask);
        self.everyone(ask).into_iter().chain(names.iter().filter_map(|name| self.holder(name, ask))).collect()
    }

    fn everyone(&self, ask: &Ask) -> Option<Holder> {
        let default = self.default_role.iter().map(|role| Whom::DefaultRole(role.clone()));
        let default_in = default.clone().map(|whom| (whom, self.project_of(ask)));
        let passes = default.map(|whom| (whom, None)).chain(default_in).chain([(Whom::Anyone, None)]);
        let by =
            passes.into_iter().find_map(|(whom, project)| allowed(self.pass(whom, project, ask).found))?;
        Some(Holder { kind: HolderKind::Everyone, name: String::new(), as_group: true, by })
    }

    fn holder(&self, name: &str, ask: &Ask) -> Option<Holder> {
        let project = self.project_of(ask);
        let as_group = self.is_member(name, project.map(|(_, policy)| policy));
        let tokens = Subject::new(name).project_role().map(|(project, _)| project.to_owned());
        let elsewhere =
            project.zip(tokens.as_deref()).is_some_and(|((project, _), tokens)| project != tokens);
        let kind = match tokens {
            // A token asks in vain in another project; a group of that name doesn't.
            Some(_) if elsewhere && !as_group => return None,
            Some(_) if !elsewhere => HolderKind::ProjectRole,
            _ if name.starts_with("role:") => HolderKind::Role,
            _ => HolderKind::Name,
        };
        let whom = if elsewhere { Whom::Group(name.to_owned()) } else { Whom::Subject(name.to_owned()) };
        let by = allowed(self.pass(whom, project, ask).found)?;
        Some(Holder { kind, name: name.to_owned(), as_group, by })
    }

    fn names_in_policies(&self, ask: &Ask) -> BTreeSet<String> {
        let project = self.project_of(ask).map(|(_, policy)| policy);
        [&self.policy].into_iter().chain(project).flat_map(names).filter(|name| !name.is_empty()).collect()
    }
}

fn names(policy: &Policy) -> impl Iterator<Item = String> {
    let subjects = policy.rules.iter().map(|rule| rule.subject.clone());
    let groupings = policy.groupings.iter().flat_map(|(member, groupings)| {
        [member.clone()].into_iter().chain(groupings.iter().map(|grouping| grouping.role.clone()))
    });
    subjects.chain(groupings)
}

fn allowed(found: Found) -> Option<By> {
    if let Found::Allowed { by } = found { Some(by) } else { None }
}
