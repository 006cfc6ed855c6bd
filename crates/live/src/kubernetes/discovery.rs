//! Which resources a server serves: asked in two requests, kept as `kubectl get --raw /apis/GROUP/VERSION` would print it.
//!
//! Aggregated discovery (Kubernetes docs, "API discovery") says in one answer what else takes one for each group and version.

use serde::Deserialize;
use serde_json::{Value, json};

/// `application/json` would mean the list of groups without resources; Kubernetes before 1.30 says `v2beta1`.
pub(super) const ACCEPT: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                                 application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";

/// Where the core group is, and the others.
pub(crate) const PATHS: [&str; 2] = ["/api", "/apis"];

/// What a server says (apidiscovery.k8s.io/v2, APIGroupDiscoveryList).
#[derive(Debug, Deserialize)]
pub(super) struct Groups {
    kind: String,
    #[serde(default)]
    items: Vec<Group>,
}

#[derive(Debug, Deserialize)]
struct Group {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Debug, Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    name: String,
}

#[derive(Debug, Deserialize)]
struct Version {
    version: String,
    #[serde(default)]
    resources: Vec<Resource>,
    /// `Stale` where the server behind an APIService doesn't answer.
    #[serde(default)]
    freshness: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    resource: String,
    #[serde(default)]
    response_kind: Option<Kind>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    singular_resource: String,
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    short_names: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    #[serde(default)]
    subresources: Vec<Subresource>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subresource {
    subresource: String,
    #[serde(default)]
    response_kind: Option<Kind>,
    #[serde(default)]
    verbs: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Kind {
    #[serde(default)]
    group: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    kind: String,
}

/// What is served in one group and version.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Served {
    /// `v1`, `apps/v1`
    pub(crate) group_version: String,
    /// An APIResourceList; nothing if the server behind it didn't answer.
    pub(crate) list: Option<Value>,
}

impl Groups {
    /// Whether it is what was asked for: a server that doesn't know it answers with something else.
    pub(super) fn are_discovery(&self) -> bool {
        self.kind == "APIGroupDiscoveryList"
    }

    pub(super) fn served(&self) -> impl Iterator<Item = Served> {
        self.items
            .iter()
            .flat_map(|group| group.versions.iter().map(|version| version.served(&group.metadata.name)))
    }
}

impl Version {
    fn served(&self, group: &str) -> Served {
        let group_version =
            if group.is_empty() { self.version.clone() } else { format!("{group}/{}", self.version) };
        let resources: Vec<Value> =
            self.resources.iter().flat_map(|resource| resource.listed(group, &self.version)).collect();
        let list = json!({
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources,
        });
        Served { group_version, list: (self.freshness != "Stale").then_some(list) }
    }
}

impl Resource {
    /// Itself and its subresources, as client-go takes them apart (discovery/aggregated_discovery.go, `convertAPIResource`,
    /// `convertAPISubresource`).
    fn listed(&self, group: &str, version: &str) -> Vec<Value> {
        let namespaced = self.scope == "Namespaced";
        let mut own =
            entry(&self.resource, namespaced, self.response_kind.as_ref(), (group, version), &self.verbs);
        put(&mut own, "singularName", json!(self.singular_resource));
        for (field, names) in [("shortNames", &self.short_names), ("categories", &self.categories)] {
            if !names.is_empty() {
                put(&mut own, field, json!(names));
            }
        }
        let below = self.subresources.iter().map(|below| {
            let name = format!("{}/{}", self.resource, below.subresource);
            entry(&name, namespaced, below.response_kind.as_ref(), (group, version), &below.verbs)
        });
        // A resource without a kind of its own is there for its subresources only.
        let own = self.response_kind.as_ref().is_some_and(|kind| !kind.kind.is_empty()).then_some(own);
        own.into_iter().chain(below).collect()
    }
}

/// Group and version stand in a list's entries only where they aren't the list's.
fn entry(
    name: &str,
    namespaced: bool,
    kind: Option<&Kind>,
    (group, version): (&str, &str),
    verbs: &[String],
) -> Value {
    let none = Kind::default();
    let kind = kind.unwrap_or(&none);
    let mut entry = json!({ "name": name, "singularName": "", "namespaced": namespaced, "kind": kind.kind, "verbs": verbs });
    if !kind.version.is_empty() && (kind.group.as_str(), kind.version.as_str()) != (group, version) {
        // No group means the list's, even where core's is meant (apimachinery, metav1.APIResource).
        if !kind.group.is_empty() {
            put(&mut entry, "group", json!(kind.group));
        }
        put(&mut entry, "version", json!(kind.version));
    }
    entry
}

fn put(entry: &mut Value, field: &str, value: Value) {
    if let Some(fields) = entry.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aggregated_discovery_becomes_a_list_for_each_group_and_version() {
        let groups: Groups = serde_json::from_value(json!({
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {},
            "items": [{"metadata": {"name": "apps"}, "versions": [{"version": "v1", "freshness": "Current", "resources": [{
                "resource": "deployments", "responseKind": {"group": "", "version": "", "kind": "Deployment"},
                "scope": "Namespaced", "singularResource": "deployment", "verbs": ["get", "list"], "shortNames": ["deploy"],
                "categories": ["all"], "subresources": [{
                    "subresource": "scale", "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"},
                    "verbs": ["get"],
                }],
            }]}]}],
        }))
        .unwrap();
        assert!(groups.are_discovery());
        let served: Vec<_> = groups.served().collect();
        let expected = json!({
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "apps/v1", "resources": [
                {"name": "deployments", "singularName": "deployment", "namespaced": true, "kind": "Deployment",
                 "verbs": ["get", "list"], "shortNames": ["deploy"], "categories": ["all"]},
                {"name": "deployments/scale", "singularName": "", "namespaced": true, "kind": "Scale", "verbs": ["get"],
                 "group": "autoscaling", "version": "v1"},
            ],
        });
        assert_eq!(served, [Served { group_version: "apps/v1".to_owned(), list: Some(expected) }]);
    }

    #[test]
    fn what_a_server_that_is_down_would_serve_is_not_known() {
        let groups: Groups = serde_json::from_value(json!({
            "kind": "APIGroupDiscoveryList",
            "items": [{"metadata": {"name": "metrics.k8s.io"}, "versions": [{"version": "v1beta1", "freshness": "Stale"}]}],
        }))
        .unwrap();
        let served: Vec<_> = groups.served().collect();
        assert_eq!(served, [Served { group_version: "metrics.k8s.io/v1beta1".to_owned(), list: None }]);
    }
}
