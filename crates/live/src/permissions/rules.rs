//! The RBAC objects: a role for each verb, bound to a group of its own that an access entry gives.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    Verb,
    kubernetes::{DISCOVERY_PATHS, EVERYWHERE, ON_THE_HUB, Resource},
};

const RBAC: &str = "rbac.authorization.k8s.io";

/// Rules for what is written in one API group: resources and verbs.
type Writes = (&'static str, &'static [&'static str], &'static [&'static str]);

/// What applying writes on every cluster. Server-side apply takes `create` for what isn't there, `patch` for all; `bind` and `escalate`
/// let it hand out what it doesn't hold itself (Kubernetes docs, "Using RBAC Authorization", "Privilege escalation prevention").
const EVERYWHERE_WRITTEN: [Writes; 5] = [
    ("", &["namespaces"], &["create", "patch"]),
    ("", &["serviceaccounts"], &["create", "delete", "get", "patch"]),
    (RBAC, &["clusterrolebindings", "rolebindings"], &["create", "delete", "get", "patch"]),
    (RBAC, &["clusterroles", "roles"], &["bind", "create", "delete", "escalate", "get", "patch"]),
    ("authorization.k8s.io", &["subjectaccessreviews"], &["create"]),
];

/// The same in Argo CD's namespace: cluster Secrets, settings, projects, and the restart of its workloads.
const OF_ARGO_CD_WRITTEN: [Writes; 5] = [
    ("", &["configmaps"], &["create", "patch"]),
    ("", &["pods"], &["list"]),
    ("", &["secrets"], &["create", "delete", "get", "patch"]),
    ("apps", &["deployments", "statefulsets"], &["get", "patch"]),
    ("argoproj.io", &["appprojects"], &["create", "delete", "get", "patch"]),
];

/// The objects for every cluster: a role, and its binding to a group that an access entry gives.
pub fn of_every_cluster(verb: Verb) -> Vec<Value> {
    let mut rules = lists(EVERYWHERE.iter());
    rules.push(json!({ "nonResourceURLs": DISCOVERY_PATHS, "verbs": ["get"] }));
    rules.extend(written(verb, &EVERYWHERE_WRITTEN));
    let mut objects: Vec<Value> = Role { verb, suffix: "", namespace: None }.with_binding(rules).into();
    if verb == Verb::Apply {
        let aws_auth = json!({
            "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["aws-auth"], "verbs": ["get", "patch"],
        });
        objects
            .extend(Role { verb, suffix: "", namespace: Some("kube-system") }.with_binding(vec![aws_auth]));
    }
    objects
}

/// The objects for the hub, besides.
pub fn of_the_hub(verb: Verb, argocd_namespace: &str) -> Vec<Value> {
    let (of_argocd, whole): (Vec<Resource>, Vec<Resource>) =
        ON_THE_HUB.iter().partition(|resource| resource.of_argocd);
    let mut own = lists(of_argocd.iter());
    own.extend(written(verb, &OF_ARGO_CD_WRITTEN));
    let role = |namespace| Role { verb, suffix: "-hub", namespace };
    let [whole_role, whole_binding] = role(None).with_binding(lists(whole.iter()));
    let [own_role, own_binding] = role(Some(argocd_namespace)).with_binding(own);
    vec![whole_role, whole_binding, own_role, own_binding]
}

struct Role<'n> {
    verb: Verb,
    suffix: &'static str,
    /// Absent for a ClusterRole.
    namespace: Option<&'n str>,
}

impl Role<'_> {
    fn with_binding(&self, rules: Vec<Value>) -> [Value; 2] {
        let kind = if self.namespace.is_some() { "" } else { "Cluster" };
        let name = format!("{}{}", self.verb.name(), self.suffix);
        let metadata = match self.namespace {
            Some(namespace) => json!({ "name": name, "namespace": namespace }),
            None => json!({ "name": name }),
        };
        let version = format!("{RBAC}/v1");
        let role = json!({ "apiVersion": version, "kind": format!("{kind}Role"), "metadata": metadata, "rules": rules });
        let binding = json!({
            "apiVersion": version, "kind": format!("{kind}RoleBinding"), "metadata": metadata,
            "roleRef": { "apiGroup": RBAC, "kind": format!("{kind}Role"), "name": name },
            "subjects": [{ "apiGroup": RBAC, "kind": "Group", "name": self.verb.group() }],
        });
        [role, binding]
    }
}

fn written(verb: Verb, all: &[Writes]) -> Vec<Value> {
    let rule = |(group, resources, verbs): &Writes| json!({ "apiGroups": [group], "resources": resources, "verbs": verbs });
    if verb == Verb::Apply { all.iter().map(rule).collect() } else { Vec::new() }
}

/// A rule for each API group. RBAC knows no labels: who lists some Secrets of a namespace may list them all.
fn lists<'r>(resources: impl Iterator<Item = &'r Resource>) -> Vec<Value> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for resource in resources {
        groups.entry(resource.group).or_default().push(resource.plural);
    }
    let rule = |(group, plurals)| json!({ "apiGroups": [group], "resources": plurals, "verbs": ["list"] });
    groups.into_iter().map(rule).collect()
}
