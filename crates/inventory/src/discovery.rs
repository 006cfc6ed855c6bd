//! Which resources an API server serves: plural, scope and verbs of each kind.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use facts::{Place, Problem};
use serde_json::Value;

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

/// See `tables/kubernetes.tsv` for how it was made.
const TABLE: &str = include_str!("../tables/kubernetes.tsv");

/// What the API server serves of every custom resource (apiextensions-apiserver, customresource_discovery_controller.go).
const CUSTOM_RESOURCE_VERBS: [&str; 8] =
    ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

impl Discovery {
    /// Kubernetes' own kinds, from a table generated from the API discovery of the release that
    /// [`Discovery::builtin_version`] names. A kind that the release no longer serves is not in it.
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Discovery> = LazyLock::new(|| {
            let mut discovery = Discovery::default();
            TABLE.lines().filter_map(row).for_each(|resource| discovery.insert(resource));
            discovery
        });
        &BUILTIN
    }

    /// The Kubernetes release of the built-in table, for example `v1.36.2`.
    pub fn builtin_version() -> &'static str {
        TABLE.lines().find_map(|line| line.strip_prefix("# release\t")).unwrap_or_default()
    }

    /// The resource of a kind; any served version of the group will do, since RBAC knows no versions.
    pub fn resource(&self, group: &str, kind: &str) -> Option<&ApiResource> {
        self.by_kind.get(&(group.to_owned(), kind.to_owned()))?.first()
    }

    /// All resources, sorted by group and kind, the version that was added first first.
    pub fn iter(&self) -> impl Iterator<Item = &ApiResource> {
        self.by_kind.values().flatten()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.by_kind.is_empty()
    }

    /// Adds one resource, as read from a server or from a CustomResourceDefinition; once is enough.
    pub fn insert(&mut self, resource: ApiResource) {
        let key = (resource.group.clone(), resource.kind.clone());
        let known = self.by_kind.entry(key).or_default();
        if !known.contains(&resource) {
            known.push(resource);
        }
    }

    /// Adds what a file tells: `kubectl get --raw /api/v1` or `/apis/GROUP/VERSION`, or CustomResourceDefinitions.
    ///
    /// # Errors
    /// Where the file is malformed or holds something else.
    pub fn add_file(&mut self, name: &Arc<str>, bytes: &[u8]) -> Result<(), Problem> {
        let mut first = Ok(());
        let mut found = 0;
        let mut add = |object: Result<manifest::Object<'_>, Problem>| {
            let added = object.and_then(|object| self.add_object(&object));
            found += 1;
            if first.is_ok() {
                first = added;
            }
        };
        match api_resource_list(bytes) {
            Some(list) => add_list(self, &list),
            None => manifest::read(name, bytes, &mut add),
        }
        if found == 0 && api_resource_list(bytes).is_none() {
            return Err(not_discovery(Place::file(Arc::clone(name)), "the file holds nothing"));
        }
        first
    }

    fn add_object(&mut self, object: &manifest::Object<'_>) -> Result<(), Problem> {
        if object.group() != "apiextensions.k8s.io" || object.kind != "CustomResourceDefinition" {
            return Err(not_discovery(object.place.clone(), &format!("this is a {}", object.kind)));
        }
        self.add_crd(&object.decode()?).ok_or_else(|| {
            Problem::new(
                object.place.clone(),
                "the CustomResourceDefinition lacks `group`, `names` or `scope`",
            )
        })
    }

    /// Adds the resources of a CustomResourceDefinition, `v1` or `v1beta1`; nothing if it lacks what names them.
    pub fn add_crd(&mut self, crd: &Value) -> Option<()> {
        let spec = crd.get("spec")?;
        let names = spec.get("names")?;
        let scope = text(spec, "scope");
        let (group, kind, plural) = (text(spec, "group")?, text(names, "kind")?, text(names, "plural")?);
        // v1beta1 allowed one `version` in place of the list, and left the scope out for `Namespaced`.
        let listed = spec.get("versions").and_then(Value::as_array).filter(|versions| !versions.is_empty());
        let single = [spec.clone()];
        for version in listed.map_or(&single[..], Vec::as_slice) {
            let Some(name) = text(version, "name").or_else(|| text(version, "version")) else { continue };
            if version.get("served").and_then(Value::as_bool) == Some(false) {
                continue;
            }
            let subresources = version.get("subresources").or_else(|| spec.get("subresources"));
            let has = |name: &&str| subresources.is_some_and(|s| s.get(*name).is_some_and(|s| !s.is_null()));
            self.insert(ApiResource {
                group: group.to_owned(),
                version: name.to_owned(),
                kind: kind.to_owned(),
                plural: plural.to_owned(),
                namespaced: scope != Some("Cluster"),
                verbs: CUSTOM_RESOURCE_VERBS.map(str::to_owned).to_vec(),
                subresources: ["scale", "status"].iter().filter(|n| has(n)).map(|&n| n.to_owned()).collect(),
            });
        }
        Some(())
    }
}

fn not_discovery(place: Place, what: &str) -> Problem {
    Problem::new(place, format!("{what}, where API discovery is expected"))
        .with_help("give what `kubectl get --raw /apis/GROUP/VERSION` prints, or CustomResourceDefinitions")
}

fn api_resource_list(bytes: &[u8]) -> Option<Value> {
    let list: Value = serde_json::from_slice(bytes).ok()?;
    (text(&list, "kind") == Some("APIResourceList")).then_some(list)
}

/// Adds a metav1.APIResourceList.
fn add_list(discovery: &mut Discovery, list: &Value) {
    let group_version = text(list, "groupVersion").unwrap_or_default();
    let (group, version) = group_version.rsplit_once('/').unwrap_or(("", group_version));
    let resources: Vec<&Value> =
        list.get("resources").and_then(Value::as_array).into_iter().flatten().collect();
    for resource in &resources {
        let (Some(plural), Some(kind)) = (text(resource, "name"), text(resource, "kind")) else { continue };
        if plural.contains('/') {
            continue;
        }
        let prefix = format!("{plural}/");
        let below = resources.iter().filter_map(|r| text(r, "name")?.strip_prefix(&prefix));
        let verbs = resource.get("verbs").and_then(Value::as_array).into_iter().flatten();
        discovery.insert(ApiResource {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
            namespaced: resource.get("namespaced").and_then(Value::as_bool).unwrap_or(false),
            verbs: verbs.filter_map(Value::as_str).map(str::to_owned).collect(),
            subresources: below.map(str::to_owned).collect(),
        });
    }
}

fn row(line: &str) -> Option<ApiResource> {
    let mut fields = line.split('\t').filter(|_| !line.starts_with('#'));
    let mut next = || fields.next().map(str::to_owned);
    let (group, version, kind, plural, namespaced) = (next()?, next()?, next()?, next()?, next()?);
    let list = |text: String| text.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let (verbs, subresources) = (list(next()?), list(next()?));
    Some(ApiResource { group, version, kind, plural, namespaced: namespaced == "true", verbs, subresources })
}

fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_knows_kubernetes_own_kinds_and_no_removed_ones() {
        let builtin = Discovery::builtin();
        let pods = builtin.resource("", "Pod").unwrap();
        assert_eq!((pods.plural.as_str(), pods.namespaced), ("pods", true));
        assert!(pods.subresources.iter().any(|s| s == "log"));
        assert!(!builtin.resource("rbac.authorization.k8s.io", "ClusterRole").unwrap().namespaced);
        assert_eq!(builtin.resource("autoscaling", "HorizontalPodAutoscaler").unwrap().version, "v2");
        assert!(builtin.resource("extensions", "Ingress").is_none());
        assert!(builtin.resource("policy", "PodSecurityPolicy").is_none());
        assert_eq!(Discovery::builtin_version(), "v1.36.2");
    }

    #[test]
    fn custom_resource_definitions_tell_both_old_and_new() {
        let yaml = b"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: w}\nspec:\n  group: x.io\n\
            \x20 scope: Cluster\n  names: {kind: Widget, plural: widgets}\n  versions:\n  - {name: v1, served: true, subresources: {status: {}}}\n\
            \x20 - {name: v0, served: false}\n---\napiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\nmetadata: {name: o}\n\
            spec: {group: x.io, version: v1alpha1, names: {kind: Old, plural: olds}}\n";
        let mut discovery = Discovery::default();
        discovery.add_file(&Arc::from("crds.yaml"), yaml).unwrap();
        let seen: Vec<_> =
            discovery.iter().map(|r| (&*r.kind, &*r.version, r.namespaced, r.subresources.len())).collect();
        assert_eq!(seen, [("Old", "v1alpha1", true, 0), ("Widget", "v1", false, 1)]);
    }

    #[test]
    fn resource_lists_are_read_and_other_files_refused() {
        let json = br#"{"kind":"APIResourceList","groupVersion":"apps/v1","resources":[
            {"name":"deployments","kind":"Deployment","namespaced":true,"verbs":["get"]},{"name":"deployments/scale","kind":"Scale","verbs":["get"]}]}"#;
        let mut discovery = Discovery::default();
        discovery.add_file(&Arc::from("d.json"), json).unwrap();
        assert_eq!(discovery.resource("apps", "Deployment").unwrap().subresources, ["scale"]);
        let problem = discovery.add_file(&Arc::from("p.yaml"), b"apiVersion: v1\nkind: Pod\n").unwrap_err();
        assert_eq!(problem.to_string(), "p.yaml:1:1: this is a Pod, where API discovery is expected");
    }
}
