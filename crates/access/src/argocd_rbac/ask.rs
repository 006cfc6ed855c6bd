//! What somebody wants to do.

use serde::{Deserialize, Serialize};

/// A request to Argo CD, in the words of its policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// For example `applications`, `logs`, `clusters`.
    pub resource: String,
    /// For example `get`, `action/apps/Deployment/restart`, `delete/apps/Deployment/web/front`.
    pub action: String,
    /// For example `project/application`, `project/namespace/application`, the URL of a cluster.
    pub object: String,
}

impl Ask {
    /// An ask from its three words.
    pub fn new(resource: impl Into<String>, action: impl Into<String>, object: impl Into<String>) -> Self {
        Self { resource: resource.into(), action: action.into(), object: object.into() }
    }

    /// The name of the project whose roles count, if there is a project of that name
    /// (server/rbacpolicy/rbacpolicy.go, `getProjectFromRequest`).
    ///
    /// `write-repositories` and `extensions` are not among the resources that belong to projects.
    pub(crate) fn project(&self) -> Option<&str> {
        match self.resource.as_str() {
            "applicationsets" | "applications" | "repositories" | "clusters" | "logs" | "exec" => {
                self.object.split_once('/').map(|(project, _)| project)
            }
            "projects" => Some(&self.object),
            _ => None,
        }
    }
}

/// The object of an Application, an ApplicationSet, its logs or its terminal (util/security/rbac.go, `RBACName`).
///
/// The namespace is part of it only where it isn't Argo CD's own. Whoever names no project is in `default`
/// (pkg/apis/application/v1alpha1/types.go, `GetProject`); for an ApplicationSet it is its template's project.
pub fn application_object(argocd_namespace: &str, project: &str, namespace: &str, name: &str) -> String {
    let project = if project.is_empty() { "default" } else { project };
    if argocd_namespace.is_empty() || namespace.is_empty() || namespace == argocd_namespace {
        return format!("{project}/{name}");
    }
    format!("{project}/{namespace}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_elsewhere_is_named_with_its_namespace() {
        assert_eq!(application_object("argocd", "shop", "argocd", "web"), "shop/web");
        assert_eq!(application_object("argocd", "shop", "", "web"), "shop/web");
        assert_eq!(application_object("argocd", "shop", "team", "web"), "shop/team/web");
        assert_eq!(application_object("", "shop", "team", "web"), "shop/web");
        assert_eq!(application_object("argocd", "", "argocd", "web"), "default/web");
    }

    #[test]
    fn only_what_belongs_to_a_project_names_one() {
        let project =
            |resource: &str, object: &str| Ask::new(resource, "get", object).project().map(str::to_owned);
        assert_eq!(project("logs", "shop/team/web").as_deref(), Some("shop"));
        assert_eq!(project("clusters", "https://hub").as_deref(), Some("https:"));
        assert_eq!(project("clusters", "hub"), None);
        assert_eq!(project("projects", "shop").as_deref(), Some("shop"));
        assert_eq!(project("write-repositories", "shop/repo"), None);
        assert_eq!(project("Applications", "shop/web"), None);
    }
}
