//! Inventories in memory: the world as it is once a plan has been applied.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use facts::{AccountId, ClusterArn, Place};
use fleet::Fleet;
use inventory::{Account, Cluster, Description, Inventory, Known, Kubernetes};
use oarlock_plan::{Desired, DesiredObject, KubernetesObject, Location, Object};
use rbac::{Binding, Role};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const RESOURCES: [&str; 11] = [
    "applications",
    "appprojects",
    "clusterrolebindings",
    "clusterroles",
    "configmaps",
    "customresourcedefinitions",
    "namespaces",
    "rolebindings",
    "roles",
    "secrets",
    "serviceaccounts",
];

/// The fleet's accounts and clusters, everything read and nothing there.
pub(crate) fn empty(fleet: &Fleet) -> Inventory {
    let clusters = fleet.clusters.iter().map(|cluster| (&cluster.arn, cluster.endpoint.clone()));
    let clusters: BTreeMap<&ClusterArn, Option<String>> =
        [(&fleet.hub.arn, None)].into_iter().chain(clusters).collect();
    let accounts = clusters.keys().map(|arn| (arn.account.clone(), account()));
    Inventory {
        organization: Known::default(),
        accounts: accounts.collect(),
        clusters: clusters
            .iter()
            .map(|(arn, endpoint)| ((*arn).clone(), cluster(endpoint.clone())))
            .collect(),
        gaps: Vec::new(),
        digest: "d".to_owned(),
    }
}

fn account() -> Account {
    Account {
        roles: Known::Known(BTreeMap::new()),
        managed_policies: BTreeMap::new(),
        oidc_providers: Known::Known(BTreeMap::new()),
        secrets: BTreeMap::new(),
    }
}

fn cluster(endpoint: Option<String>) -> Cluster {
    let objects = RESOURCES.map(|resource| (resource.to_owned(), Vec::new()));
    Cluster {
        description: Known::Known(Description {
            endpoint,
            certificate_authority: None,
            version: Some("1.34".to_owned()),
            authentication_mode: Some("API".to_owned()),
            oidc_issuer: None,
            place: place(),
        }),
        access_entries: Known::Known(BTreeMap::new()),
        pod_identity_associations: Known::Known(BTreeMap::new()),
        capabilities: Known::Known(BTreeMap::new()),
        kubernetes: Kubernetes { objects: objects.into(), ..Kubernetes::default() },
    }
}

/// The same with all desired objects, as AWS and the API servers would show them.
pub(crate) fn applied(fleet: &Fleet, desired: &Desired) -> Inventory {
    let mut world = empty(fleet);
    desired.objects.iter().for_each(|object| put(&mut world, object));
    world
}

/// Puts one object into an inventory.
pub(crate) fn put(world: &mut Inventory, object: &DesiredObject) {
    match &object.object {
        Object::IamRole(role) => add_role(world, role),
        Object::OidcProvider(provider) => {
            let host = provider.url.trim_start_matches("https://").to_owned();
            let there = inventory::OidcProvider {
                arn: format!("arn:aws:iam::{}:oidc-provider/{host}", provider.account),
                client_ids: Known::Known(provider.client_ids.clone()),
                tags: provider.tags.clone(),
                place: place(),
            };
            known(&mut account_of(world, &provider.account).oidc_providers).insert(host, there);
        }
        Object::AccessEntry(entry) => {
            let there = access_entry(&entry.principal.to_string(), &entry.groups, &[], entry.tags.clone());
            known(&mut cluster_of(world, &entry.cluster).access_entries)
                .insert(there.principal.clone(), there);
        }
        Object::PodIdentityAssociation(wanted) => {
            let there = inventory::PodIdentityAssociation {
                id: "a-1".to_owned(),
                role: Known::Known(wanted.role.clone()),
                target_role: None,
                session_tags_disabled: false,
                session_policy: None,
                tags: wanted.tags.clone(),
                place: place(),
            };
            let key = (wanted.namespace.clone(), wanted.service_account.clone());
            known(&mut cluster_of(world, &wanted.cluster).pod_identity_associations).insert(key, there);
        }
        Object::Kubernetes(wanted) => {
            let Location::Cluster(arn) = &object.location else { panic!("{:?}", object.location) };
            kubernetes(world, arn, wanted.body.value());
        }
        Object::Restart(_) => {}
    }
}

fn add_role(world: &mut Inventory, role: &oarlock_plan::IamRole) {
    let json = |documents: &BTreeMap<String, iam::Document>| -> BTreeMap<String, Value> {
        documents.iter().map(|(name, document)| (name.clone(), document.to_json())).collect()
    };
    let managed = json(&role.managed_policies)
        .into_iter()
        .map(|(name, document)| (format!("arn:aws:iam::{}:policy/{name}", role.arn.account), Some(document)));
    let there = inventory::IamRole {
        managed_policies: managed.collect(),
        inline_policies: json(&role.inline_policies),
        tags: role.tags.clone(),
        ..iam_role(&role.arn.to_string(), role.trust.to_json())
    };
    known(&mut account_of(world, &role.arn.account).roles).insert(role.arn.name.clone(), there);
}

/// A role without tags and policies.
pub(crate) fn iam_role(arn: &str, trust: Value) -> inventory::IamRole {
    inventory::IamRole {
        arn: arn.parse().unwrap(),
        role_id: None,
        create_date: None,
        description: None,
        trust,
        inline_policies: BTreeMap::new(),
        managed_policies: BTreeMap::new(),
        permissions_boundary: None,
        tags: BTreeMap::new(),
        place: place(),
    }
}

pub(crate) fn access_entry(
    principal: &str,
    groups: &[String],
    policies: &[&str],
    tags: BTreeMap<String, String>,
) -> inventory::AccessEntry {
    let arn = |policy: &&str| (format!("arn:aws:eks::aws:cluster-access-policy/{policy}"), Vec::new());
    inventory::AccessEntry {
        principal: principal.to_owned(),
        kind: "STANDARD".to_owned(),
        groups: groups.to_vec(),
        username: None,
        created_at: None,
        policies: Known::Known(policies.iter().map(arn).collect()),
        tags,
        place: place(),
    }
}

/// Puts a Kubernetes object into a cluster, a Secret with its `data` encoded as the API server has it.
pub(crate) fn kubernetes(world: &mut Inventory, arn: &ClusterArn, mut body: Value) {
    let texts = body.as_object_mut().unwrap().remove("stringData");
    if let Some(texts) = texts {
        let data = texts.as_object().unwrap().iter();
        let data: BTreeMap<&String, String> =
            data.map(|(key, text)| (key, STANDARD.encode(text.as_str().unwrap()))).collect();
        body["data"] = json!(data);
    }
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let object = inventory::KubernetesObject {
        api_version: text("/apiVersion").unwrap(),
        kind: text("/kind").unwrap(),
        namespace: text("/metadata/namespace"),
        name: text("/metadata/name").unwrap(),
        body: body.clone(),
        place: place(),
    };
    let there = &mut cluster_of(world, arn).kubernetes;
    let (namespace, name) = (object.namespace.clone(), object.name.clone());
    match object.kind.as_str() {
        "Role" | "ClusterRole" => there.roles.push(Role {
            namespace,
            name,
            labels: BTreeMap::new(),
            rules: field(&body, "rules"),
            aggregation: None,
            place: None,
        }),
        "RoleBinding" | "ClusterRoleBinding" => there.bindings.push(Binding {
            namespace,
            name,
            role_ref: field(&body, "roleRef"),
            subjects: field(&body, "subjects"),
            place: None,
        }),
        _ => {}
    }
    let plural = format!("{}s", object.kind.to_lowercase());
    there.objects.entry(plural).or_default().push(object);
}

fn field<T: DeserializeOwned>(body: &Value, name: &str) -> T {
    serde_json::from_value(body[name].clone()).unwrap()
}

/// The object's body in an inventory, to break something in it.
pub(crate) fn body<'w>(
    world: &'w mut Inventory,
    arn: &ClusterArn,
    wanted: &KubernetesObject,
) -> &'w mut Value {
    let all = cluster_of(world, arn).kubernetes.objects.values_mut().flatten();
    let mut found = all.filter(|object| {
        object.kind == wanted.kind && object.name == wanted.name && object.namespace == wanted.namespace
    });
    &mut found.next().unwrap().body
}

pub(crate) fn known<T>(value: &mut Known<T>) -> &mut T {
    match value {
        Known::Known(value) => value,
        Known::Gap(gap) => panic!("{gap}"),
    }
}

pub(crate) fn account_of<'w>(world: &'w mut Inventory, id: &AccountId) -> &'w mut Account {
    world.accounts.get_mut(id).unwrap()
}

pub(crate) fn cluster_of<'w>(world: &'w mut Inventory, arn: &ClusterArn) -> &'w mut Cluster {
    world.clusters.get_mut(arn).unwrap()
}

pub(crate) fn place() -> Place {
    Place::file("inventory")
}
