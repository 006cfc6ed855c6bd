//! The roles of an AppProject as lines of policy (pkg/apis/application/v1alpha1/app_project_types.go,
//! `ProjectPoliciesString`).

use facts::{Place, Problem};
use serde::Deserialize;
use serde_json::Value;

use super::{MatchMode, Source, policy::Policy};

#[derive(Deserialize)]
struct AppProject {
    metadata: Metadata,
    #[serde(default)]
    spec: Option<Spec>,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
}

#[derive(Default, Deserialize)]
struct Spec {
    #[serde(default)]
    roles: Option<Vec<Role>>,
}

#[derive(Deserialize)]
struct Role {
    #[serde(default)]
    name: String,
    #[serde(default)]
    policies: Option<Vec<String>>,
    #[serde(default)]
    groups: Option<Vec<String>>,
}

/// The project's name and what its roles add. Argo CD drops all lines if one is malformed.
pub(crate) fn read(object: &Value, mode: MatchMode, problems: &mut Vec<Problem>) -> Option<(String, Policy)> {
    let AppProject { metadata: Metadata { name }, spec } = match AppProject::deserialize(object) {
        Ok(project) => project,
        Err(error) => {
            problems.push(Problem::new(Place::file("AppProject"), format!("not an AppProject: {error}")));
            return None;
        }
    };
    let mut policy = Policy::default();
    let before = problems.len();
    for role in spec.unwrap_or_default().roles.unwrap_or_default() {
        add(&mut policy, &name, &role, mode, problems);
    }
    let policy = if problems.len() > before { Policy::default() } else { policy };
    Some((name, policy))
}

fn add(policy: &mut Policy, project: &str, role: &Role, mode: MatchMode, problems: &mut Vec<Problem>) {
    let source = |_| Source::Project { project: project.to_owned(), role: role.name.clone() };
    for text in lines(project, role) {
        for (_, error) in policy.add(&text, mode, source) {
            let place = Place::file(format!("AppProject {project}, role {}", role.name));
            let message = format!("{error} (`{text}`): none of the project's roles has any policy");
            problems.push(Problem::new(place, message).with_help(error.help()));
        }
    }
}

/// Who has a role may see the project; then its policies, then its groups.
fn lines(project: &str, role: &Role) -> Vec<String> {
    let name = &role.name;
    let own = format!("p, proj:{project}:{name}, projects, get, {project}, allow");
    let groups = role.groups.iter().flatten().map(|group| format!("g, {group}, proj:{project}:{name}"));
    [own].into_iter().chain(role.policies.iter().flatten().cloned()).chain(groups).collect()
}
