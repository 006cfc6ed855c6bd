//! The clusters that Argo CD deploys to: access entries, namespaces, service accounts, and 200 RBAC rules each.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rayon::prelude::*;
use serde_json::{Value, json};

use super::{DATE, NAMESPACES, Rbac, Size, Spoke, write};

/// The group of the deployer's access entry.
const GROUP: &str = "oarlock:argocd";

const RBAC: &str = "rbac.authorization.k8s.io";

/// What a namespace's Role lets Argo CD deploy: twelve rules.
pub(super) const KINDS: [(&str, &str); 12] = [
    ("", "configmaps"),
    ("", "services"),
    ("", "serviceaccounts"),
    ("", "persistentvolumeclaims"),
    ("apps", "deployments"),
    ("apps", "statefulsets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
    ("networking.k8s.io", "ingresses"),
    ("networking.k8s.io", "networkpolicies"),
    ("policy", "poddisruptionbudgets"),
    ("autoscaling", "horizontalpodautoscalers"),
];

/// What it does with them.
pub(super) const VERBS: [&str; 4] = ["get", "create", "patch", "delete"];

pub(super) fn generate(folder: &Path, size: Size, rbac: Rbac) -> Result<()> {
    (0..size.clusters).into_par_iter().try_for_each(|number| cluster(folder, Spoke(number), rbac))
}

fn cluster(folder: &Path, spoke: Spoke, rbac: Rbac) -> Result<()> {
    let own = own(folder, spoke);
    eks(&own.join("eks"), spoke)?;
    let kubernetes = own.join("kubernetes");
    let namespaces: Vec<String> = (0..NAMESPACES).map(namespace).collect();
    let each = |make: &dyn Fn(&str) -> Value| namespaces.iter().map(|namespace| make(namespace)).collect();
    write::kubectl(
        &kubernetes,
        "namespaces",
        each(&|name| object("v1", "Namespace", None, name, json!({}))),
    )?;
    write::kubectl(
        &kubernetes,
        "serviceaccounts",
        each(&|namespace| object("v1", "ServiceAccount", Some(namespace), "service", json!({}))),
    )?;
    write::kubectl(&kubernetes, "configmaps", Vec::new())?;
    let group = (rbac == Rbac::Different).then(|| format!("{}.example.com", spoke.name()));
    write::kubectl(&kubernetes, "clusterroles", vec![cluster_role(group.as_deref())])?;
    write::kubectl(&kubernetes, "clusterrolebindings", vec![binding(None, "ClusterRole")])?;
    write::kubectl(&kubernetes, "roles", each(&|namespace| role(namespace, group.as_deref())))?;
    write::kubectl(&kubernetes, "rolebindings", each(&|namespace| binding(Some(namespace), "Role")))
}

/// The folder of a cluster.
pub(in crate::bench) fn own(folder: &Path, spoke: Spoke) -> PathBuf {
    folder.join("clusters").join(spoke.account().to_string()).join("eu-west-1").join(spoke.name())
}

pub(super) fn eks(folder: &Path, spoke: Spoke) -> Result<()> {
    describe(folder, &spoke.name(), &spoke.arn(), &spoke.endpoint(), &spoke.issuer())?;
    entries(folder, &spoke.name(), &[(spoke.deployer(), vec![GROUP])])?;
    write::aws(folder, "list-pod-identity-associations", &json!({"associations": []}))?;
    write::aws(folder, "list-capabilities", &json!({"capabilities": []}))
}

pub(super) fn describe(folder: &Path, name: &str, arn: &str, endpoint: &str, issuer: &str) -> Result<()> {
    let cluster = json!({"name": name, "arn": arn, "createdAt": DATE, "version": "1.36", "endpoint": endpoint,
        "identity": {"oidc": {"issuer": issuer}}, "status": "ACTIVE", "certificateAuthority": {"data": "LS0tLS1CRUdJTi=="},
        "accessConfig": {"authenticationMode": "API"}});
    write::aws(folder, "describe-cluster", &json!({"cluster": cluster}))
}

pub(super) fn entries(folder: &Path, cluster: &str, entries: &[(String, Vec<&str>)]) -> Result<()> {
    let principals: Vec<&String> = entries.iter().map(|(principal, _)| principal).collect();
    write::aws(folder, "list-access-entries", &json!({"accessEntries": principals}))?;
    for (number, (principal, groups)) in entries.iter().enumerate() {
        let entry = json!({"accessEntry": {"clusterName": cluster, "principalArn": principal, "kubernetesGroups": groups,
            "createdAt": DATE, "modifiedAt": DATE, "tags": {}, "type": "STANDARD"}});
        write::aws(folder, &format!("describe-access-entry-{number}"), &entry)?;
        let policies =
            json!({"clusterName": cluster, "principalArn": principal, "associatedAccessPolicies": []});
        write::aws(folder, &format!("list-associated-access-policies-{number}"), &policies)?;
    }
    Ok(())
}

pub(super) fn object(api: &str, kind: &str, namespace: Option<&str>, name: &str, more: Value) -> Value {
    let mut metadata = json!({"creationTimestamp": "2025-06-02T13:05:51Z", "name": name, "resourceVersion": "41376820",
        "uid": "2775c344-bdfb-43c7-a7d5-04a2cd561d60"});
    if let (Some(namespace), Some(fields)) = (namespace, metadata.as_object_mut()) {
        fields.insert("namespace".to_owned(), namespace.into());
    }
    let mut object = json!({"apiVersion": api, "kind": kind, "metadata": metadata});
    if let (Some(fields), Value::Object(more)) = (object.as_object_mut(), more) {
        fields.extend(more);
    }
    object
}

pub(super) fn namespace(number: usize) -> String {
    format!("team-{number:02}")
}

/// Twelve rules; one more for a kind of the cluster's own.
fn role(namespace: &str, own: Option<&str>) -> Value {
    let kinds = KINDS.into_iter().chain(own.map(|group| (group, "orders")));
    let rules: Vec<Value> = kinds.map(|(group, resource)| rule(group, resource, &VERBS)).collect();
    object(&format!("{RBAC}/v1"), "Role", Some(namespace), "oarlock", json!({"rules": rules}))
}

/// The live cache's rule, discovery, and cluster-scoped objects one by one: twenty rules, or five where the Roles have more.
fn cluster_role(own: Option<&str>) -> Value {
    let mut rules = vec![
        rule("*", "*", &["list", "watch"]),
        json!({"nonResourceURLs": ["/api", "/api/*", "/apis", "/apis/*", "/version", "/openapi/*"], "verbs": ["get"]}),
    ];
    let (group, count) = own.map_or(("example.com", 18), |own| (own, 18 - NAMESPACES));
    rules.extend((0..count).map(|number| {
        json!({"apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"],
            "resourceNames": [format!("kind{number}s.{group}")], "verbs": ["get", "patch", "delete"]})
    }));
    object(&format!("{RBAC}/v1"), "ClusterRole", None, "oarlock", json!({"rules": rules}))
}

fn rule(group: &str, resource: &str, verbs: &[&str]) -> Value {
    json!({"apiGroups": [group], "resources": [resource], "verbs": verbs})
}

/// Binds the role of the deployer's group.
pub(in crate::bench) fn binding(namespace: Option<&str>, role: &str) -> Value {
    let subject = json!({"apiGroup": RBAC, "kind": "Group", "name": GROUP});
    bound(namespace, "oarlock", role, "oarlock", subject)
}

pub(in crate::bench) fn bound(
    namespace: Option<&str>,
    name: &str,
    kind_of_role: &str,
    role: &str,
    subject: Value,
) -> Value {
    let kind = if namespace.is_some() { "RoleBinding" } else { "ClusterRoleBinding" };
    let more =
        json!({"roleRef": {"apiGroup": RBAC, "kind": kind_of_role, "name": role}, "subjects": [subject]});
    object(&format!("{RBAC}/v1"), kind, namespace, name, more)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use inventory::{Inventory, folder};

    use super::*;

    /// The rules of each of two generated clusters' roles.
    fn rules(rbac: Rbac) -> [Vec<rbac::Role>; 2] {
        let folder = tempfile::tempdir().unwrap();
        generate(folder.path(), Size { clusters: 2 }, rbac).unwrap();
        let reading = Inventory::read(&folder::inventory(folder.path()).unwrap());
        assert_eq!(reading.problems, []);
        let clusters = reading.inventory.clusters.into_values();
        let roles: Vec<_> = clusters.map(|cluster| cluster.kubernetes.roles).collect();
        roles.try_into().unwrap()
    }

    #[test]
    fn clusters_have_the_same_roles_or_none_in_common_and_two_hundred_rules_each() {
        let distinct = |[one, other]: [Vec<rbac::Role>; 2]| {
            for roles in [&one, &other] {
                assert_eq!(roles.iter().map(|role| role.rules.len()).sum::<usize>(), 200);
            }
            let rules =
                |roles: Vec<rbac::Role>| roles.into_iter().map(|role| role.rules).collect::<BTreeSet<_>>();
            rules(one).symmetric_difference(&rules(other)).count()
        };
        assert_eq!(distinct(rules(Rbac::Alike)), 0);
        // The ClusterRoles, and what the Roles of a cluster have in common.
        assert_eq!(distinct(rules(Rbac::Different)), 4);
    }
}
