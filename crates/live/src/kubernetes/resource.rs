//! Which objects of a cluster are read, where, and by which: what `kubectl get` is told in examples/collect-inventory.sh.

/// A resource, and which of its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    /// Empty for core.
    pub(crate) group: &'static str,
    version: &'static str,
    pub(crate) plural: &'static str,
    kind: &'static str,
    /// Whether only Argo CD's namespace is looked at.
    pub(crate) of_argocd: bool,
    /// Only objects with these labels.
    pub(crate) labels: &'static str,
    /// How many come with one answer: as many as kubectl asks for, fewer of large ones.
    pub(crate) page: usize,
}

const RBAC: &str = "rbac.authorization.k8s.io";

/// Of every cluster.
pub(crate) const EVERYWHERE: [Resource; 8] = [
    resource(RBAC, "v1", "clusterrolebindings", "ClusterRoleBinding"),
    resource(RBAC, "v1", "clusterroles", "ClusterRole"),
    resource("", "v1", "configmaps", "ConfigMap"),
    Resource {
        page: 50,
        ..resource("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition")
    },
    resource("", "v1", "namespaces", "Namespace"),
    resource(RBAC, "v1", "rolebindings", "RoleBinding"),
    resource(RBAC, "v1", "roles", "Role"),
    resource("", "v1", "serviceaccounts", "ServiceAccount"),
];

/// Of the hub, besides.
pub(crate) const ON_THE_HUB: [Resource; 5] = [
    resource("argoproj.io", "v1alpha1", "applications", "Application"),
    resource("argoproj.io", "v1alpha1", "appprojects", "AppProject"),
    Resource { of_argocd: true, ..resource("apps", "v1", "deployments", "Deployment") },
    Resource {
        of_argocd: true,
        labels: "argocd.argoproj.io/secret-type in (cluster,repository,repo-creds)",
        ..resource("", "v1", "secrets", "Secret")
    },
    Resource { of_argocd: true, ..resource("apps", "v1", "statefulsets", "StatefulSet") },
];

const fn resource(
    group: &'static str,
    version: &'static str,
    plural: &'static str,
    kind: &'static str,
) -> Resource {
    Resource { group, version, plural, kind, of_argocd: false, labels: "", page: 500 }
}

impl Resource {
    /// The path that lists it, from the cursor that the page before gave.
    pub(super) fn path(&self, argocd: &str, cursor: Option<&str>) -> String {
        let Self { group, version, plural, page, .. } = self;
        let api =
            if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
        let namespace = if self.of_argocd { format!("/namespaces/{argocd}") } else { String::new() };
        let mut path = format!("{api}{namespace}/{plural}?limit={page}");
        for (name, value) in [("labelSelector", Some(self.labels)), ("continue", cursor)] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                path = format!("{path}&{name}={}", encoded(value));
            }
        }
        path
    }

    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        self.kind
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_lists_one_resource_page_by_page() {
        let paths = |resource: &Resource| resource.path("argo", Some("a=/"));
        let secrets = ON_THE_HUB.iter().find(|resource| resource.plural == "secrets").unwrap();
        let selector =
            "argocd%2Eargoproj%2Eio%2Fsecret%2Dtype%20in%20%28cluster%2Crepository%2Crepo%2Dcreds%29";
        let expected =
            format!("/api/v1/namespaces/argo/secrets?limit=500&labelSelector={selector}&continue=a%3D%2F");
        assert_eq!(paths(secrets), expected);
        let roles = resource(RBAC, "v1", "roles", "Role");
        assert_eq!(roles.path("argo", None), "/apis/rbac.authorization.k8s.io/v1/roles?limit=500");
    }
}
