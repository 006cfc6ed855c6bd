//! What the plan makes unnecessary: Oarlock's own objects that nobody wants any more, and the grants by which Argo CD
//! has come so far. The latter belong to somebody else and stay until the plan is made with `--adopt`.

use std::collections::BTreeSet;

use facts::{ClusterArn, RoleArn};
use fleet::Fleet;
use inventory::{Cluster, Inventory, Known, KubernetesObject};
use serde_json::Value;

use super::is_marked;
use crate::{Action, DesiredObject, Location, ObjectId, Owner, Step};

/// RBAC objects that Oarlock makes and so may own.
const OWNED_KINDS: [&str; 5] =
    ["roles", "clusterroles", "rolebindings", "clusterrolebindings", "serviceaccounts"];

/// The service account that `argocd cluster add` makes (util/clusterauth/clusterauth.go).
const ARGOCD_MANAGER: (&str, &str) = ("kube-system", "argocd-manager");

/// Steps that remove what is superseded, after everything that replaces it.
pub(crate) fn superseded(
    fleet: &Fleet,
    inventory: &Inventory,
    desired: &[DesiredObject],
    adopt: bool,
) -> Vec<Step> {
    let finder = Finder { fleet, inventory, wanted: desired.iter().map(DesiredObject::id).collect(), adopt };
    let mut steps = Vec::new();
    for (arn, cluster) in finder.clusters() {
        let after: Vec<ObjectId> =
            desired.iter().filter(|o| concerns(&o.location, arn)).map(|o| o.id()).collect();
        finder.entries(arn, cluster, &after, &mut steps);
        finder.kubernetes(arn, cluster, &after, &mut steps);
    }
    finder.roles(desired, &mut steps);
    steps
}

fn concerns(location: &Location, cluster: &ClusterArn) -> bool {
    matches!(location, Location::Eks(arn) | Location::Cluster(arn) if arn == cluster)
}

struct Finder<'a> {
    fleet: &'a Fleet,
    inventory: &'a Inventory,
    wanted: BTreeSet<ObjectId>,
    adopt: bool,
}

impl<'a> Finder<'a> {
    /// The clusters of the inventory that the fleet names.
    fn clusters(&self) -> impl Iterator<Item = (&'a ClusterArn, &'a Cluster)> {
        let fleet = self.fleet;
        let named = |arn: &ClusterArn| *arn == fleet.hub.arn || fleet.clusters.iter().any(|c| c.arn == *arn);
        self.inventory.clusters.iter().filter(move |(arn, _)| named(arn))
    }

    fn delete(
        &self,
        object: ObjectId,
        owned: bool,
        reason: String,
        after: &[ObjectId],
        steps: &mut Vec<Step>,
    ) {
        if self.wanted.contains(&object) {
            return;
        }
        let owner = match (owned, self.adopt) {
            (true, _) => Owner::Owned,
            (false, true) => Owner::Adopt,
            (false, false) => Owner::Foreign,
        };
        let after = after.to_vec();
        steps.push(Step {
            object,
            action: Action::Delete,
            reason,
            after,
            reads: Vec::new(),
            owner,
            desired: None,
        });
    }

    /// Access entries of the roles by which Argo CD has come so far, and Oarlock's own that nobody wants.
    fn entries(&self, arn: &ClusterArn, cluster: &Cluster, after: &[ObjectId], steps: &mut Vec<Step>) {
        let Known::Known(entries) = &cluster.access_entries else { return };
        let today = self.todays_roles();
        for (principal, entry) in entries {
            let owned = is_marked(|key| entry.tags.get(key).map(String::as_str), &self.fleet.name);
            let is_todays = principal.parse().is_ok_and(|role| today.contains(&role));
            if !owned && !is_todays {
                continue;
            }
            let object = ObjectId {
                location: Location::Eks(arn.clone()),
                kind: "access entry".to_owned(),
                name: principal.clone(),
            };
            let reason = match (owned, policy_names(entry).as_slice()) {
                (true, _) => "Oarlock made it, and no need asks for it any more".to_owned(),
                (false, []) => "Argo CD has come this way; the plan's own entry replaces it".to_owned(),
                (false, policies) => {
                    format!(
                        "Argo CD has come this way with {}; the plan's own entry replaces it",
                        policies.join(", ")
                    )
                }
            };
            self.delete(object, owned, reason, after, steps);
        }
    }

    /// Bindings of Argo CD's own service accounts and of `argocd-manager`, and Oarlock's own objects that nobody wants.
    fn kubernetes(&self, arn: &ClusterArn, cluster: &Cluster, after: &[ObjectId], steps: &mut Vec<Step>) {
        for resource in OWNED_KINDS {
            for object in cluster.kubernetes.list(resource).unwrap_or_default() {
                let label = |key: &str| object.body.pointer("/metadata/labels")?.get(key)?.as_str();
                let owned = is_marked(label, &self.fleet.name);
                let reason = if owned {
                    "Oarlock made it, and no need asks for it any more".to_owned()
                } else if let Some(reason) = self.replaced_binding(arn, object) {
                    reason
                } else {
                    continue;
                };
                self.delete(kubernetes_id(arn, object), owned, reason, after, steps);
            }
        }
    }

    /// Why a binding of today is replaced by the plan's own. Roles in Argo CD's namespace are its installation's, and stay.
    fn replaced_binding(&self, arn: &ClusterArn, object: &KubernetesObject) -> Option<String> {
        if object.kind != "ClusterRoleBinding" {
            return None;
        }
        let argocd = &self.fleet.hub.argocd;
        let own = [&argocd.controller_service_account, &argocd.server_service_account];
        let subjects = object.body.get("subjects").and_then(Value::as_array)?;
        let role = object.body.pointer("/roleRef/name").and_then(Value::as_str).unwrap_or_default();
        let has = |namespace: &str, name: &str| {
            subjects.iter().any(|subject| {
                let field = |key: &str| subject.get(key).and_then(Value::as_str).unwrap_or_default();
                field("kind") == "ServiceAccount" && field("namespace") == namespace && field("name") == name
            })
        };
        if *arn == self.fleet.hub.arn {
            let own = own.into_iter().find(|name| has(&argocd.namespace, name))?;
            return Some(format!(
                "it gives ClusterRole `{role}` to `{own}`; the plan's own binding replaces it"
            ));
        }
        has(ARGOCD_MANAGER.0, ARGOCD_MANAGER.1).then(|| {
            format!("`argocd cluster add` left it: it gives ClusterRole `{role}` to whoever has argocd-manager's token")
        })
    }

    /// Roles of the fleet's accounts that Argo CD uses today and that no object of the plan needs.
    fn roles(&self, desired: &[DesiredObject], steps: &mut Vec<Step>) {
        let after: Vec<ObjectId> = desired.iter().map(DesiredObject::id).collect();
        for (id, account) in &self.inventory.accounts {
            let Known::Known(roles) = &account.roles else { continue };
            let today = self.todays_roles();
            for role in roles.values() {
                let owned = is_marked(|key| role.tags.get(key).map(String::as_str), &self.fleet.name);
                if !owned && !today.contains(&role.arn) {
                    continue;
                }
                let object = ObjectId {
                    location: Location::Account(id.clone()),
                    kind: "iam role".to_owned(),
                    name: role.arn.name.clone(),
                };
                let reason = match owned {
                    true => "Oarlock made it, and no need asks for it any more",
                    false => "Argo CD uses it today; the plan's own roles replace it",
                };
                self.delete(object, owned, reason.to_owned(), &after, steps);
            }
        }
    }

    fn todays_roles(&self) -> BTreeSet<RoleArn> {
        todays_roles(self.fleet, self.inventory)
    }
}
/// The roles that Argo CD uses today: of its service accounts, and those that its cluster Secrets name.
pub(crate) fn todays_roles(fleet: &Fleet, inventory: &Inventory) -> BTreeSet<RoleArn> {
    let Some(hub) = inventory.clusters.get(&fleet.hub.arn) else { return BTreeSet::new() };
    let argocd = &fleet.hub.argocd;
    let mut roles = BTreeSet::new();
    for name in [&argocd.controller_service_account, &argocd.server_service_account] {
        let account = hub.kubernetes.find("serviceaccounts", Some(&argocd.namespace), name);
        let annotation = account.and_then(|account| {
            account.body.pointer("/metadata/annotations")?.get("eks.amazonaws.com/role-arn")?.as_str()
        });
        roles.extend(annotation.and_then(|arn| arn.parse().ok()));
        if let Known::Known(associations) = &hub.pod_identity_associations {
            let association = associations.get(&(argocd.namespace.clone(), name.clone()));
            roles.extend(association.and_then(|association| association.role.known().cloned()));
        }
    }
    let secrets = hub.kubernetes.list("secrets").unwrap_or_default();
    roles.extend(secrets.iter().filter_map(|secret| secret_role(&secret.body)));
    roles.extend(argocd.capability_role.clone());
    roles
}

fn policy_names(entry: &inventory::AccessEntry) -> Vec<String> {
    let policies = entry.policies.known().into_iter().flatten();
    policies.map(|(arn, _)| arn.rsplit('/').next().unwrap_or(arn).to_owned()).collect()
}

/// `awsAuthConfig.roleARN` of a cluster Secret.
fn secret_role(secret: &Value) -> Option<RoleArn> {
    let config = secret.pointer("/data/config").or_else(|| secret.pointer("/stringData/config"))?.as_str()?;
    let config: Value = serde_json::from_str(config).ok()?;
    config.pointer("/awsAuthConfig/roleARN")?.as_str()?.parse().ok()
}

fn kubernetes_id(arn: &ClusterArn, object: &KubernetesObject) -> ObjectId {
    let name = match &object.namespace {
        Some(namespace) => format!("{namespace}/{}", object.name),
        None => object.name.clone(),
    };
    ObjectId { location: Location::Cluster(arn.clone()), kind: object.kind.clone(), name }
}
