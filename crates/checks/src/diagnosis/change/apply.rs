//! A change on an inventory: as if it had been applied as it is printed.

use std::collections::BTreeMap;

use argocd::{ClusterSecret, Secret};
use facts::{ClusterArn, Place};
use inventory::{
    AFTER_APPLY, AccessEntry, Cluster, Edit, Inventory, Known, OidcProvider, PodIdentityAssociation,
};
use rbac::{Binding, Role};
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::{Change, Rules, SecretField, yaml};

/// Applies a change; `None` where the inventory hasn't got what it is about.
pub(crate) fn apply(change: &Change, inventory: &mut Inventory) -> Option<()> {
    match change {
        Change::Rules(rules) => of_rules(rules, inventory),
        Change::Trust { role, document, .. } => {
            roles(inventory, role)?.trust = document.clone();
            Some(())
        }
        Change::Identity { role, statement } => {
            let policies = &mut roles(inventory, role)?.inline_policies;
            let own = policies
                .entry("oarlock-assume".to_owned())
                .or_insert_with(|| json!({"Version": "2012-10-17", "Statement": []}));
            own.get_mut("Statement")?.as_array_mut()?.push(statement.clone());
            Some(())
        }
        Change::Entry { cluster, principal, groups, policies, .. } => {
            let entry = AccessEntry {
                principal: principal.clone(),
                kind: "STANDARD".to_owned(),
                groups: groups.clone(),
                username: None,
                created_at: Some(AFTER_APPLY.to_owned()),
                policies: Known::Known(policies.clone()),
                tags: BTreeMap::new(),
                place: Place::file("the change"),
            };
            of(inventory, cluster)?.access_entries.known_mut()?.insert(principal.clone(), entry);
            Some(())
        }
        Change::EntryGroups { cluster, principal, groups } => {
            of(inventory, cluster)?.access_entries.known_mut()?.get_mut(principal)?.groups = groups.clone();
            Some(())
        }
        Change::Mode { cluster } => {
            let mode = "API_AND_CONFIG_MAP".to_owned();
            of(inventory, cluster)?.description.known_mut()?.authentication_mode = Some(mode);
            Some(())
        }
        Change::Secret { hub, namespace, name, field, value } => {
            let mut object = object(of(inventory, hub)?, "secrets", namespace, name)?;
            *object = with_field(&object, *field, value.as_deref())?.to_manifest(name, namespace);
            Some(())
        }
        Change::Association { cluster, namespace, account, role } => {
            let association = PodIdentityAssociation {
                id: "a-new".to_owned(),
                role: Known::Known(role.clone()),
                target_role: None,
                session_tags_disabled: false,
                session_policy: None,
                tags: BTreeMap::new(),
                place: Place::file("the change"),
            };
            let all = of(inventory, cluster)?.pod_identity_associations.known_mut()?;
            all.insert((namespace.clone(), account.clone()), association);
            Some(())
        }
        Change::Annotation { cluster, namespace, account, role } => {
            let mut body = object(of(inventory, cluster)?, "serviceaccounts", namespace, account)?;
            let metadata = body.pointer_mut("/metadata")?.as_object_mut()?;
            let annotations =
                metadata.entry("annotations").or_insert_with(|| Value::Object(serde_json::Map::new()));
            annotations.as_object_mut()?.insert(access::ROLE_ANNOTATION.to_owned(), role.to_string().into());
            Some(())
        }
        Change::Provider { account, partition, issuer } => {
            let provider = OidcProvider {
                arn: format!("arn:{partition}:iam::{account}:oidc-provider/{issuer}"),
                client_ids: Known::Known(vec![access::STS_AUDIENCE.to_owned()]),
                tags: BTreeMap::new(),
                place: Place::file("the change"),
            };
            inventory.accounts.get_mut(account)?.oidc_providers.known_mut()?.insert(issuer.clone(), provider);
            Some(())
        }
        Change::Audience { account, issuer, .. } => {
            let providers = inventory.accounts.get_mut(account)?.oidc_providers.known_mut()?;
            providers.get_mut(issuer)?.client_ids.known_mut()?.push(access::STS_AUDIENCE.to_owned());
            Some(())
        }
        Change::Policy { hub, namespace, csv, .. } => {
            let mut body = object(of(inventory, hub)?, "configmaps", namespace, "argocd-rbac-cm")?;
            let data = body.as_object_mut()?.entry("data").or_insert_with(|| json!({}));
            data.as_object_mut()?.insert("policy.csv".to_owned(), csv.clone().into());
            Some(())
        }
        Change::Project { hub, namespace, name, list, item, .. } => {
            let mut body = object(of(inventory, hub)?, "appprojects", namespace, name)?;
            let spec =
                body.as_object_mut()?.entry("spec").or_insert_with(|| Value::Object(serde_json::Map::new()));
            let items = spec.as_object_mut()?.entry(*list).or_insert_with(|| Value::Array(Vec::new()));
            items.as_array_mut()?.push(item.clone());
            Some(())
        }
    }
}

/// Both objects, read from the very text that is printed.
pub(crate) fn parsed(rules: &Rules) -> Option<(Role, Binding)> {
    let text = yaml::text(&Change::Rules(rules.clone()));
    let (role, binding) = text.split_once("---\n")?;
    let file = "the change".into();
    Some((manifest::parse(&file, role.as_bytes()).ok()?, manifest::parse(&file, binding.as_bytes()).ok()?))
}

fn of_rules(rules: &Rules, inventory: &mut Inventory) -> Option<()> {
    let (role, binding) = parsed(rules)?;
    let kubernetes = &mut of(inventory, rules.cluster.as_ref()?)?.kubernetes;
    kubernetes.roles.push(role);
    kubernetes.bindings.push(binding);
    Some(())
}

fn of<'i>(inventory: &'i mut Inventory, cluster: &ClusterArn) -> Option<&'i mut Cluster> {
    inventory.clusters.get_mut(cluster)
}

fn roles<'i>(inventory: &'i mut Inventory, role: &facts::RoleArn) -> Option<&'i mut inventory::IamRole> {
    inventory.accounts.get_mut(&role.account)?.roles.known_mut()?.get_mut(&role.name)
}

fn object<'c>(cluster: &'c mut Cluster, list: &str, namespace: &str, name: &str) -> Option<Edit<'c>> {
    let objects = cluster.kubernetes.objects.get_mut(list)?;
    let own = objects.iter_mut().find(|own| own.name == name && own.namespace.as_deref() == Some(namespace));
    own.map(|own| own.body.edit())
}

fn with_field(body: &Value, field: SecretField, value: Option<&str>) -> Option<ClusterSecret> {
    let mut secret = ClusterSecret::from_secret(&Secret::deserialize(body).ok()?).ok()?;
    let value = value.unwrap_or_default().to_owned();
    match field {
        SecretField::Server => secret.server = value,
        SecretField::Namespaces => secret.namespaces = value.split(',').map(str::to_owned).collect(),
        SecretField::ClusterResources => secret.cluster_resources = value == "true",
        SecretField::ClusterName => secret.config.aws_auth.as_mut()?.cluster_name = value,
        SecretField::RoleArn => secret.config.aws_auth.as_mut()?.role_arn = value,
        SecretField::CaData => secret.config.tls.ca_data = value,
    }
    Some(secret)
}
