//! One request to a Kubernetes API server, and who makes it.

use std::{collections::BTreeSet, fmt, sync::Arc};

use serde::Serialize;

use crate::{Permission, Scope};

/// One request, as the API server's authorizers see it (`authorizer.Attributes`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// `get`, `list`, … or, on paths, the lower-case HTTP method.
    pub verb: Arc<str>,
    /// What it is about.
    #[serde(flatten)]
    pub target: Target,
}

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Target {
    /// A resource of the Kubernetes API.
    #[serde(rename_all = "camelCase")]
    Resource {
        /// API group, empty for core.
        group: Arc<str>,
        /// Plural, without subresource.
        resource: Arc<str>,
        /// `log` in `pods/log`.
        #[serde(skip_serializing_if = "Option::is_none")]
        subresource: Option<Arc<str>>,
        /// Absent for cluster-scoped resources and for requests across all namespaces. Of a request on one Namespace its
        /// own name (apiserver/pkg/endpoints/request/requestinfo.go), so that a RoleBinding in it allows the request.
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<Arc<str>>,
        /// Absent where the URL names no object: create, and list, watch, deletecollection without a field selector.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<Arc<str>>,
    },
    /// A path outside of it, such as `/version`.
    NonResource {
        /// The path.
        path: Arc<str>,
    },
}

impl Request {
    /// A request on a resource, cluster-wide and without name; `resource` may be `pods/log`.
    pub fn resource(verb: &str, group: &str, resource: &str) -> Self {
        let (resource, subresource) = match resource.split_once('/') {
            Some((resource, sub)) => (resource, Some(sub.into())),
            None => (resource, None),
        };
        let target = Target::Resource {
            group: group.into(),
            resource: resource.into(),
            subresource,
            namespace: None,
            name: None,
        };
        Self { verb: verb.into(), target }
    }

    /// A request on a path outside the resource API.
    pub fn path(verb: &str, path: &str) -> Self {
        Self { verb: verb.into(), target: Target::NonResource { path: path.into() } }
    }

    /// The same in a namespace; no effect on paths.
    #[must_use]
    pub fn in_namespace(mut self, wanted: &str) -> Self {
        if let Target::Resource { namespace, .. } = &mut self.target {
            *namespace = Some(wanted.into());
        }
        self
    }

    /// The same on one object; no effect on paths.
    #[must_use]
    pub fn named(mut self, wanted: &str) -> Self {
        if let Target::Resource { name, .. } = &mut self.target {
            *name = Some(wanted.into());
        }
        self
    }
}

impl From<&Request> for Permission {
    /// The permission that allows this request and as little else as RBAC can say.
    fn from(request: &Request) -> Self {
        match &request.target {
            Target::NonResource { path } => {
                Self::NonResource { path: path.clone(), verb: request.verb.clone() }
            }
            Target::Resource { group, resource, subresource, namespace, name } => Self::Resource {
                scope: namespace.clone().filter(|n| !n.is_empty()).map_or(Scope::Cluster, Scope::Namespace),
                group: group.clone(),
                resource: match subresource.as_deref() {
                    None | Some("") => resource.clone(),
                    Some(sub) => format!("{resource}/{sub}").into(),
                },
                verb: request.verb.clone(),
                name: name.clone().filter(|n| !n.is_empty()),
            },
        }
    }
}

impl From<&Permission> for Request {
    /// The request that a permission without wildcards allows; wildcards are taken literally. The API server counts one
    /// on a Namespace into that namespace.
    fn from(permission: &Permission) -> Self {
        match permission {
            Permission::NonResource { path, verb } => Self::path(verb, path),
            Permission::Resource { scope, group, resource, verb, name } => {
                let mut request = Self::resource(verb, group, resource);
                let own = name.as_deref().filter(|_| (&**group, &**resource) == ("", "namespaces"));
                if let Some(namespace) = scope.namespace().or(own) {
                    request = request.in_namespace(namespace);
                }
                match name {
                    Some(name) if !name.is_empty() => request.named(name),
                    _ => request,
                }
            }
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Permission::from(self).fmt(f)
    }
}

/// Who makes a request, after authentication.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Identity {
    /// The user name.
    pub user: String,
    /// All groups, the `system:` ones that Kubernetes adds included.
    pub groups: BTreeSet<String>,
}

impl Identity {
    /// The group of every authenticated user (`user.AllAuthenticated`).
    pub const AUTHENTICATED: &str = "system:authenticated";
    /// Its members may do everything, before any authorizer is asked (`user.SystemPrivilegedGroup`).
    pub const MASTERS: &str = "system:masters";

    /// An authenticated user: the given groups and `system:authenticated`.
    pub fn user(name: impl Into<String>, groups: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut groups: BTreeSet<String> = groups.into_iter().map(Into::into).collect();
        groups.insert(Self::AUTHENTICATED.to_owned());
        Self { user: name.into(), groups }
    }

    /// A service account, with the user name and groups that its tokens authenticate as
    /// (k8s.io/apiserver/pkg/authentication/serviceaccount/util.go).
    pub fn service_account(namespace: &str, name: &str) -> Self {
        Self::user(
            format!("system:serviceaccount:{namespace}:{name}"),
            ["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")],
        )
    }

    /// Whether it is a member of `system:masters`, which no RBAC object limits.
    pub fn is_master(&self) -> bool {
        self.groups.contains(Self::MASTERS)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_reads_as_kubectl_writes_it() {
        let request = Request::resource("get", "apps", "deployments/scale").in_namespace("shop").named("web");
        assert_eq!(request.to_string(), "get deployments.apps/scale `web` in namespace shop");
        assert_eq!(Request::resource("list", "", "nodes").to_string(), "list nodes cluster-wide");
        assert_eq!(Request::path("get", "/healthz").to_string(), "get /healthz");
    }

    #[test]
    fn a_service_account_has_the_groups_of_its_token() {
        let identity = Identity::service_account("argocd", "argocd-server");
        assert_eq!(identity.user, "system:serviceaccount:argocd:argocd-server");
        let groups = ["system:authenticated", "system:serviceaccounts", "system:serviceaccounts:argocd"];
        assert!(identity.groups.iter().eq(groups));
    }
}
