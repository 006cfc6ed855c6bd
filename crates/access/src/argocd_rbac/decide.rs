//! Which names of a person are tried, and with which policies (util/rbac/rbac.go, `enforce`;
//! server/rbacpolicy/rbacpolicy.go, `EnforceClaims`).

use super::{ArgocdRbac, Ask, Explanation, Found, Pass, Subject, Whom, enforce, policy::Policy};

impl ArgocdRbac {
    /// Every name that Argo CD tries for somebody, and what each comes to.
    pub fn explain(&self, subject: &Subject, ask: &Ask) -> Explanation {
        if self.refused {
            return Explanation { refused: true, ..Explanation::default() };
        }
        let project = self.project_of(ask);
        let (groups, groups_without_role) = self.groups_tried(subject, project.map(|(_, policy)| policy));
        let mut passes = Vec::new();
        for (whom, with_project) in self.names(subject, project, groups) {
            let pass = self.pass(whom, project.filter(|_| with_project), ask);
            let allowed = matches!(pass.found, Found::Allowed { .. });
            passes.push(pass);
            if allowed {
                break;
            }
        }
        Explanation { passes, groups_without_role, refused: false }
    }

    /// The project that the ask is about, if it is there.
    pub(crate) fn project_of(&self, ask: &Ask) -> Option<(&str, &Policy)> {
        let (name, policy) = self.projects.get_key_value(ask.project()?)?;
        Some((name, policy))
    }

    /// The run for one name.
    pub(crate) fn pass(&self, whom: Whom, project: Option<(&str, &Policy)>, ask: &Ask) -> Pass {
        let policies: Vec<&Policy> =
            [&self.policy].into_iter().chain(project.map(|(_, policy)| policy)).collect();
        let found = enforce::enforce(&policies, &whom, ask);
        Pass { whom, project: project.map(|(name, _)| name.to_owned()), found }
    }

    /// Names in Argo CD's order, each with whether the project's policies count for it.
    ///
    /// The default role is tried without them first. A project's token is tried in its own project, and alone: its
    /// groups don't count there; and in another project it is not tried at all.
    fn names(
        &self,
        subject: &Subject,
        project: Option<(&str, &Policy)>,
        groups: Vec<String>,
    ) -> Vec<(Whom, bool)> {
        let default = self.default_role.iter().map(|role| Whom::DefaultRole(role.clone()));
        let own = || std::iter::once(Whom::Subject(subject.id.clone()));
        let tried: Vec<Whom> = match (project, subject.project_role()) {
            (Some((project, _)), Some((tokens, _))) if project == tokens => {
                default.clone().chain(own()).collect()
            }
            (Some(_), Some(_)) => Vec::new(),
            (Some(_), None) => {
                default.clone().chain(own()).chain(groups.into_iter().map(Whom::Group)).collect()
            }
            (None, _) => own().chain(groups.into_iter().map(Whom::Group)).collect(),
        };
        let tried = tried.into_iter().map(|whom| (whom, true));
        default.map(|whom| (whom, false)).chain(tried).chain([(Whom::Anyone, false)]).collect()
    }

    /// The groups that some `g` line has as its member, and the others.
    fn groups_tried(&self, subject: &Subject, project: Option<&Policy>) -> (Vec<String>, Vec<String>) {
        subject.groups.iter().cloned().partition(|group| self.is_member(group, project))
    }

    /// Whether a group counts: a `g` line of the built-in policy, of argocd-rbac-cm or of the project starts with it.
    pub(crate) fn is_member(&self, group: &str, project: Option<&Policy>) -> bool {
        [&self.policy].into_iter().chain(project).any(|policy| policy.groupings.contains_key(group))
    }
}
