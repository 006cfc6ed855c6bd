//! Who Argo CD's identities are to Kubernetes on a cluster: after the plan, and today.

use access::{authorization::associated, cluster_identity::aws_auth::Item};
use argocd::{Authentication, ClusterSecret, Identity};
use facts::Gap;
use fleet::{Fleet, Topology};
use inventory::Known;
use rbac::{AggregationRule, Binding, Held, PolicyRule, Role, RoleRef, Subject, access_policy};
use serde::Deserialize;

use crate::{
    ClusterNeeds, KubernetesObject, Location, ObjectId,
    diff::{self, Access},
    object::ROLE_MAPPING,
    proof::Holders,
};

/// After the plan: groups where Argo CD comes through IAM, service accounts on the hub and where it impersonates.
pub(crate) fn planned(fleet: &Fleet, cluster: &ClusterNeeds) -> Holders {
    // Even an identity without needs is proven to hold no more than the others do.
    own(fleet, cluster)
        .into_iter()
        .chain(cluster.needs.identities().into_iter().filter_map(impersonated))
        .collect()
}

/// Today: whoever the roles of Argo CD are to this cluster by access entries and aws-auth, the service account whose
/// token its Secret has, and its pods' service accounts on the hub.
pub(crate) fn today(
    fleet: &Fleet,
    access: &Access,
    cluster: &ClusterNeeds,
    there: &inventory::Cluster,
) -> (Vec<Today>, Vec<Gap>) {
    if cluster.in_cluster {
        let own = own(fleet, cluster).map(|(_, holder)| Today { holder, given: Held::default(), by: None });
        return (own.into(), Vec::new());
    }
    let mut gaps = access.gaps.clone();
    let mut today = Vec::new();
    match &there.access_entries {
        Known::Gap(gap) => gaps.push(gap.clone()),
        Known::Known(entries) => {
            let ours = entries.iter().filter(|(principal, _)| access.role(principal).is_some());
            today.extend(ours.map(|(principal, entry)| by_entry(cluster, there, principal, entry)));
        }
    }
    match diff::mappings(there) {
        Err(gap) => gaps.push(gap),
        Ok(mappings) => {
            let ours = |mapping: &&Item| diff::is_effective(mapping) && access.role(&mapping.arn).is_some();
            today.extend(mappings.iter().filter(ours).map(|mapping| by_mapping(cluster, mapping)));
        }
    }
    match access.secret(fleet, &cluster.arn, Some(there)).map(ClusterSecret::authentication) {
        Some(Authentication::Static) => by_token(cluster, there, &mut today, &mut gaps),
        Some(Authentication::Exec(exec)) => gaps.push(Gap::new(
            format!("who Argo CD is on {}", cluster.name),
            format!("its cluster Secret runs the command `{}`", exec.command),
        )),
        _ => {}
    }
    (today, gaps)
}

/// Somebody who acts for Argo CD today.
#[derive(Clone, Debug)]
pub(crate) struct Today {
    /// Who it is to RBAC.
    pub(crate) holder: rbac::Identity,
    /// What access policies give it besides.
    pub(crate) given: Held,
    /// The object without which it has no access.
    pub(crate) by: Option<ObjectId>,
}

fn by_entry(
    cluster: &ClusterNeeds,
    there: &inventory::Cluster,
    principal: &str,
    entry: &inventory::AccessEntry,
) -> Today {
    let groups = entry.groups.iter().map(String::as_str).chain(["system:authenticated"]);
    let user = entry.username.clone().unwrap_or_else(|| principal.to_owned());
    let by = ObjectId {
        location: Location::Eks(cluster.arn.clone()),
        kind: "access entry".to_owned(),
        name: principal.to_owned(),
    };
    Today { holder: rbac::Identity::user(user, groups), given: given(there, entry), by: Some(by) }
}

/// What access policies give; those whose rules AWS doesn't publish are gaps.
fn given(there: &inventory::Cluster, entry: &inventory::AccessEntry) -> Held {
    let policies = match &entry.policies {
        Known::Gap(gap) => return Held { unknown: vec![gap.clone()], ..Held::default() },
        Known::Known(policies) => policies,
    };
    let associations = associated(policies);
    let known = there.kubernetes.list("namespaces").ok();
    let known: Option<Vec<&str>> = known.map(|all| all.iter().map(|ns| ns.name.as_str()).collect());
    access_policy::held(&associations, known.as_deref())
}

fn by_mapping(cluster: &ClusterNeeds, mapping: &Item) -> Today {
    let groups = mapping.groups.iter().map(String::as_str).chain(["system:authenticated"]);
    let user = if mapping.username.is_empty() { &mapping.arn } else { &mapping.username };
    let by = ObjectId {
        location: Location::Cluster(cluster.arn.clone()),
        kind: ROLE_MAPPING.to_owned(),
        name: mapping.arn.clone(),
    };
    Today { holder: rbac::Identity::user(user, groups), given: Held::default(), by: Some(by) }
}

/// A token in the Secret is argocd-manager's where `argocd cluster add` made it; the inventory has no tokens to tell.
fn by_token(cluster: &ClusterNeeds, there: &inventory::Cluster, today: &mut Vec<Today>, gaps: &mut Vec<Gap>) {
    let (namespace, name) = ("kube-system", "argocd-manager");
    if there.kubernetes.find("serviceaccounts", Some(namespace), name).is_none() {
        gaps.push(Gap::new(
            format!("who Argo CD is on {}", cluster.name),
            "its cluster Secret has a credential of somebody whom the inventory doesn't name",
        ));
        return;
    }
    let by = ObjectId {
        location: Location::Cluster(cluster.arn.clone()),
        kind: "ServiceAccount".to_owned(),
        name: format!("{namespace}/{name}"),
    };
    let holder = rbac::Identity::service_account(namespace, name);
    today.push(Today { holder, given: Held::default(), by: Some(by) });
}

fn own(fleet: &Fleet, cluster: &ClusterNeeds) -> [(Identity, rbac::Identity); 2] {
    let argocd = &fleet.hub.argocd;
    if cluster.in_cluster {
        let account = |name: &str| rbac::Identity::service_account(&argocd.namespace, name);
        return [
            (Identity::Controller, account(&argocd.controller_service_account)),
            (Identity::Server, account(&argocd.server_service_account)),
        ];
    }
    let topology = fleet.clusters.iter().find(|known| known.arn == cluster.arn).map(|known| known.topology);
    let (controller, server) = match topology {
        Some(Topology::Direct) => (&fleet.groups.controller, &fleet.groups.server),
        _ => (&fleet.groups.shared, &fleet.groups.shared),
    };
    let member = |group: &String| rbac::Identity::user("argocd", [group.as_str(), "system:authenticated"]);
    [(Identity::Controller, member(controller)), (Identity::Server, member(server))]
}

fn impersonated(identity: &Identity) -> Option<(Identity, rbac::Identity)> {
    match identity {
        Identity::Impersonated { namespace, name } => {
            Some((identity.clone(), rbac::Identity::service_account(namespace, name)))
        }
        Identity::Controller | Identity::Server => None,
    }
}

/// A planned Role or ClusterRole as the evaluator takes it.
pub(crate) fn role(object: &KubernetesObject) -> Option<Role> {
    if !matches!(object.kind.as_str(), "Role" | "ClusterRole") {
        return None;
    }
    let RoleBody { rules, aggregation } = object.body.read()?;
    Some(Role {
        namespace: object.namespace.clone(),
        name: object.name.clone(),
        labels: Default::default(),
        rules: rules.into(),
        aggregation,
        place: None,
    })
}

/// A planned RoleBinding or ClusterRoleBinding as the evaluator takes it.
pub(crate) fn binding(object: &KubernetesObject) -> Option<Binding> {
    if !matches!(object.kind.as_str(), "RoleBinding" | "ClusterRoleBinding") {
        return None;
    }
    let BindingBody { role_ref, subjects } = object.body.read()?;
    Some(Binding {
        namespace: object.namespace.clone(),
        name: object.name.clone(),
        role_ref,
        subjects,
        place: None,
    })
}

#[derive(Deserialize)]
struct RoleBody {
    #[serde(default)]
    rules: Vec<PolicyRule>,
    #[serde(rename = "aggregationRule")]
    aggregation: Option<AggregationRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BindingBody {
    role_ref: RoleRef,
    #[serde(default)]
    subjects: Vec<Subject>,
}
