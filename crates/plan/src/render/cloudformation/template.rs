//! One template: its resources and what they depend on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::{
    AccessEntry, DesiredObject, IamRole, Object, ObjectId, OidcProvider, PodIdentityAssociation, render::text,
};

/// The template of one stack.
pub(super) fn template(fleet: &str, objects: &[&DesiredObject]) -> Value {
    let mut resources = Resources::default();
    for object in objects {
        resources.add(object);
    }
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("Access of Argo CD, fleet {}: rendered by Oarlock", text::one_line(fleet)),
        "Resources": resources.all,
    })
}

const OIDC_PROVIDER: &str = "AWS::IAM::OIDCProvider";

#[derive(Default)]
struct Resources {
    all: Map<String, Value>,
    /// Letters and digits only, and compared without case so that people can tell them apart.
    taken: BTreeSet<String>,
    ids: BTreeMap<ObjectId, String>,
}

impl Resources {
    fn add(&mut self, object: &DesiredObject) {
        match &object.object {
            Object::IamRole(wanted) => self.role(object, wanted),
            Object::OidcProvider(wanted) => {
                let id = self.name("OidcProvider", &wanted.url);
                self.insert(object, id, OIDC_PROVIDER, oidc_provider(wanted));
            }
            Object::AccessEntry(wanted) => {
                let id =
                    self.name("AccessEntry", &format!("{}/{}", wanted.cluster.name, wanted.principal.name));
                self.insert(object, id, "AWS::EKS::AccessEntry", access_entry(wanted));
            }
            Object::PodIdentityAssociation(wanted) => {
                let name = format!("{}/{}/{}", wanted.cluster.name, wanted.namespace, wanted.service_account);
                let id = self.name("PodIdentity", &name);
                self.insert(object, id, "AWS::EKS::PodIdentityAssociation", association(wanted));
            }
            // A cluster is in whatever stack made it; the plan's warning has the command.
            Object::AuthenticationMode(_) | Object::Kubernetes(_) | Object::Restart(_) => {}
        }
    }

    fn role(&mut self, object: &DesiredObject, role: &IamRole) {
        let id = self.name("Role", &role.arn.name);
        let policies: Vec<Value> = role
            .inline_policies
            .iter()
            .map(|(name, document)| json!({"PolicyName": name, "PolicyDocument": document.to_json()}))
            .collect();
        let mut properties = json!({
            "RoleName": role.arn.name,
            "Path": role.arn.path,
            "Description": role.description,
            "AssumeRolePolicyDocument": role.trust.to_json(),
        });
        if !policies.is_empty() {
            set(&mut properties, "Policies", json!(policies));
        }
        set(&mut properties, "Tags", tags(&role.tags));
        self.insert(object, id.clone(), "AWS::IAM::Role", properties);
        // AWS::IAM::ManagedPolicy knows no tags: the stack itself marks whose the policy is.
        for (name, document) in &role.managed_policies {
            let own = self.name("Policy", &format!("{}/{name}", role.arn.name));
            let properties = json!({
                "ManagedPolicyName": name,
                "Path": role.arn.path,
                "PolicyDocument": document.to_json(),
                "Roles": [{"Ref": id}],
            });
            self.all.insert(own, json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}));
        }
    }

    fn insert(&mut self, object: &DesiredObject, id: String, kind: &str, properties: Value) {
        let needed: BTreeSet<&String> = object.after.iter().filter_map(|after| self.ids.get(after)).collect();
        let mut resource = json!({"Type": kind});
        if kind == OIDC_PROVIDER {
            // Everything in the cluster that uses IRSA comes to share it.
            set(&mut resource, "DeletionPolicy", json!("Retain"));
            set(&mut resource, "UpdateReplacePolicy", json!("Retain"));
        }
        let reason = text::one_line(&object.reason);
        if !reason.is_empty() {
            set(&mut resource, "Metadata", json!({"Reason": reason}));
        }
        if !needed.is_empty() {
            set(&mut resource, "DependsOn", json!(needed));
        }
        set(&mut resource, "Properties", properties);
        self.all.insert(id.clone(), resource);
        self.ids.insert(object.id(), id);
    }

    /// A logical id that depends on the name alone, so that other objects never rename it: CloudFormation replaces a
    /// resource whose logical id changes.
    fn name(&mut self, kind: &str, name: &str) -> String {
        let words: String = name.split(|c: char| !c.is_ascii_alphanumeric()).map(capital).collect();
        // At most 255 characters; cluster, namespace and service account together may have more.
        let plain = format!("{kind}{words}");
        let id = if plain.len() > 200 || self.taken.contains(&plain.to_ascii_lowercase()) {
            format!("{}{}", plain.chars().take(200).collect::<String>(), text::digest(name))
        } else {
            plain
        };
        self.taken.insert(id.to_ascii_lowercase());
        id
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

fn set(value: &mut Value, key: &str, new: Value) {
    if let Value::Object(map) = value {
        map.insert(key.to_owned(), new);
    }
}

fn oidc_provider(provider: &OidcProvider) -> Value {
    json!({"Url": provider.url, "ClientIdList": provider.client_ids, "Tags": tags(&provider.tags)})
}

fn access_entry(entry: &AccessEntry) -> Value {
    json!({
        "ClusterName": entry.cluster.name,
        "PrincipalArn": entry.principal.to_string(),
        "Type": "STANDARD",
        "KubernetesGroups": entry.groups,
        "Tags": tags(&entry.tags),
    })
}

fn association(wanted: &PodIdentityAssociation) -> Value {
    json!({
        "ClusterName": wanted.cluster.name,
        "Namespace": wanted.namespace,
        "ServiceAccount": wanted.service_account,
        "RoleArn": wanted.role.to_string(),
        "Tags": tags(&wanted.tags),
    })
}

fn tags(tags: &BTreeMap<String, String>) -> Value {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logical_ids_are_alphanumeric_and_unique() {
        let mut resources = Resources::default();
        let ids: Vec<String> = ["a-b", "a.b", "A-B", &"x-".repeat(300)]
            .iter()
            .map(|name| resources.name("Role", name))
            .collect();
        assert_eq!(ids[0], "RoleAB");
        assert!(ids.iter().all(|id| id.len() <= 255 && id.chars().all(|c| c.is_ascii_alphanumeric())));
        assert_eq!(ids.iter().map(|id| id.to_ascii_lowercase()).collect::<BTreeSet<_>>().len(), 4);
    }
}
