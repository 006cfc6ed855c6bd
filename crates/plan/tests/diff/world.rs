//! Inventories in memory: the world as it is once a plan has been applied.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use facts::{AccountId, ClusterArn, Gap, Place, RoleArn};
use fleet::{Fleet, Install};
use inventory::{
    Account, Capability, CapabilityDetails, Cluster, Description, Inventory, Known, Kubernetes, Organization,
};
use oarlock_plan::{Action, Desired, DesiredObject, KubernetesObject, Object, Owner, Step, after};
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
        organization: Known::Known(Organization::default()),
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
        users: Known::Known(BTreeMap::new()),
        groups: BTreeMap::new(),
        managed_policies: BTreeMap::new(),
        policy_statements: BTreeMap::new(),
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
        access_policies: Known::Gap(Gap::new("the access policies", "nobody asks for them here")),
        pod_identity_associations: Known::Known(BTreeMap::new()),
        capabilities: Known::Known(BTreeMap::new()),
        kubernetes: Kubernetes { objects: objects.into(), ..Kubernetes::default() },
    }
}

/// The same with Argo CD in it and all desired objects, as AWS and the API servers would show them.
pub(crate) fn applied(fleet: &Fleet, desired: &Desired) -> Inventory {
    let mut world = empty(fleet);
    let Known::Known(hub) = &mut cluster_of(&mut world, &fleet.hub.arn).description else {
        panic!("it was read")
    };
    hub.oidc_issuer.clone_from(&fleet.hub.oidc_issuer);
    let argocd = &fleet.hub.argocd;
    for name in [&argocd.controller_service_account, &argocd.server_service_account] {
        let account = json!({"apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": name, "namespace": argocd.namespace}});
        kubernetes(&mut world, &fleet.hub.arn, account);
    }
    desired.objects.iter().for_each(|object| put(&mut world, object));
    if argocd.install == Install::EksCapability {
        let role = |object: &DesiredObject| match &object.object {
            Object::IamRole(role) => Some(role.arn.clone()),
            _ => None,
        };
        let role = desired.objects.iter().find_map(role).unwrap();
        known(&mut cluster_of(&mut world, &fleet.hub.arn).capabilities)
            .insert("argocd".to_owned(), capability(role));
    }
    world
}

fn capability(role: RoleArn) -> Capability {
    let details = CapabilityDetails {
        role,
        namespace: Some("argocd".to_owned()),
        identity_center: None,
        server_url: None,
        role_mappings: BTreeMap::new(),
        issues: Vec::new(),
        tags: BTreeMap::new(),
        place: place(),
    };
    Capability {
        kind: "ARGOCD".to_owned(),
        status: "ACTIVE".to_owned(),
        version: None,
        details: Known::Known(details),
        place: place(),
    }
}

/// Makes one object that isn't there.
pub(crate) fn put(world: &mut Inventory, object: &DesiredObject) {
    let step = Step {
        object: object.id(),
        action: Action::Create,
        reason: String::new(),
        after: Vec::new(),
        waits_for: Vec::new(),
        reads: Vec::new(),
        owner: Owner::Owned,
        left_over: false,
        desired: Some(object.clone()),
    };
    *world = after(world, [&step]);
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
        places: Default::default(),
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
        body: body.into(),
        place: place(),
    };
    let plural = format!("{}s", object.kind.to_lowercase());
    let there = &mut cluster_of(world, arn).kubernetes;
    there.objects.entry(plural.clone()).or_default();
    there.put(&plural, object).unwrap();
}

/// The object's body in an inventory, to break something in it.
pub(crate) fn body<'w>(
    world: &'w mut Inventory,
    arn: &ClusterArn,
    wanted: &KubernetesObject,
) -> inventory::Edit<'w> {
    let all = cluster_of(world, arn).kubernetes.objects.values_mut().flatten();
    let mut found = all.filter(|object| {
        object.kind == wanted.kind && object.name == wanted.name && object.namespace == wanted.namespace
    });
    found.next().unwrap().body.edit()
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
