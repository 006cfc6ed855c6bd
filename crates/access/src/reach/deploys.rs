//! What somebody has Argo CD deploy: what its identity on a cluster may write, as far as a project permits it.

use std::collections::{BTreeMap, BTreeSet};

use argocd::AppProject;
use facts::ClusterArn;
use inventory::{Cluster, Discovery};
use rayon::prelude::*;
use rbac::{Held, Identity, Permission, PermissionSet, Request, Scope};

use super::{
    principal::{ClusterId, Principal},
    walk::{Found, Has, Map, NodeId, Steps},
};
use crate::{
    Who,
    argocd_rbac::Subject,
    authorization::Authorizers,
    cluster_identity::{self, Resolved},
    hop::{Hop, Passes, verdict},
    installation::{Component, Installation},
    person,
    through_argocd::Scene,
    way,
};

/// What Argo CD does to apply objects: the last two are asked of whoever writes a role or a binding.
const VERBS: [&str; 7] = ["create", "update", "patch", "delete", "deletecollection", "bind", "escalate"];

/// What somebody may deploy by each project on each cluster: a person whom Argo CD knows, or whoever writes Applications themselves.
pub(super) fn projects(map: &Map<'_>, argo: &Installation, from: NodeId, subject: Option<&Subject>) -> Steps {
    let clusters: Vec<_> = map.index.clusters.clone();
    let all: Vec<Steps> = clusters
        .into_par_iter()
        .filter_map(|(arn, cluster)| {
            let id = map.index.id(arn)?;
            Some(on_cluster(map, argo, (id, arn, cluster), from, subject))
        })
        .collect();
    let mut steps = Steps::default();
    all.into_iter().for_each(|more| steps.add(more));
    steps
}

fn on_cluster(
    map: &Map<'_>,
    argo: &Installation,
    (id, arn, cluster): (ClusterId, &ClusterArn, &Cluster),
    from: NodeId,
    subject: Option<&Subject>,
) -> Steps {
    let mut steps = Steps::default();
    let authorizers = Authorizers::of(cluster);
    let anything = Request::resource("create", "*", "*");
    let way = way::of_argocd(map.accounts, argo, Component::Controller, arn);
    let scene = Scene::of(map.accounts, argo, arn, &authorizers);
    let (Some(scene), Some(end)) = (scene, &way.end) else {
        if let Passes::Unknown { missing } = verdict(&way.hops) {
            steps.unknown(from, missing);
        }
        return steps;
    };
    steps.unknown(from, scene.deployments.gaps.iter().cloned());
    let (scene, leave) = match subject {
        Some(subject) => person::leave_to_deploy(map.accounts, scene, arn, subject, &anything),
        None => (scene, BTreeMap::new()),
    };
    let held = held(cluster, &authorizers, end);
    steps.unknown(from, held.unknown.iter().cloned());
    for (name, project) in &scene.deployments.projects {
        let hops: Vec<Hop> = leave.get(name).cloned().into_iter().chain(way.hops.iter().cloned()).collect();
        let passes = verdict(&hops);
        let rights = rights(&scene, project, &held.permissions);
        if passes == Passes::No || rights.is_empty() {
            continue;
        }
        let by: Vec<&str> = hops.iter().map(|hop| hop.by.as_str()).collect();
        let to = Principal::Project(id, name.as_str().into());
        let found = Found::new(from, to, "argocd-project", by.join("; ")).at(Some(&project.place));
        let found = found.having(Has::Rights(rights));
        steps.found.push(match passes {
            Passes::Unknown { missing } => found.missing(missing),
            _ => found,
        });
    }
    steps
}

/// What Argo CD holds on a cluster.
fn held(cluster: &Cluster, authorizers: &Authorizers, end: &Who) -> Held {
    match end {
        Who::Kubernetes(identity) => authorizers.held_by_rbac(identity),
        Who::Iam(caller) => match cluster_identity::resolve(cluster, caller) {
            Resolved::Identity(identity) => {
                let namespaces = cluster.kubernetes.list("namespaces").ok();
                let namespaces: Option<Vec<&str>> =
                    namespaces.map(|all| all.iter().map(|namespace| namespace.name.as_str()).collect());
                authorizers.held(&identity, namespaces.as_deref())
            }
            Resolved::Nobody { .. } => Held::default(),
            Resolved::Unknown { missing } => Held { permissions: PermissionSet::new(), unknown: missing },
        },
    }
}

/// What a project lets Argo CD write there, as itself or as the service account that the project names.
fn rights(scene: &Scene<'_>, project: &AppProject, held: &PermissionSet) -> PermissionSet {
    let mut rights = PermissionSet::new();
    for namespace in namespaces(scene, project) {
        let permitted = namespaced(scene, project, &namespace);
        match scene.account(project, &namespace, &scene.argocd.namespace) {
            Ok(None) => rights.extend(held.intersection(&permitted).iter()),
            Ok(Some(account)) => {
                let account = Identity::service_account(&account.namespace, &account.name);
                let own = scene.authorizers().held_by_rbac(&account).permissions;
                rights.extend(own.intersection(&permitted).iter());
            }
            Err(_) => {}
        }
    }
    if !scene.deployments.impersonates {
        rights.extend(held.intersection(&cluster_scoped(scene, project)).iter());
    }
    rights
}

/// The namespaces that a project permits: of those that there are, and of those that it names.
fn namespaces(scene: &Scene<'_>, project: &AppProject) -> BTreeSet<String> {
    let kubernetes = &scene.cluster.kubernetes;
    let there =
        kubernetes.list("namespaces").unwrap_or_default().iter().map(|namespace| namespace.name.clone());
    let bound = kubernetes.bindings.iter().filter_map(|binding| binding.namespace.clone());
    let named = project.spec.destinations.iter().map(|destination| destination.namespace.clone());
    let literal = named.filter(|name| !name.is_empty() && !name.contains(['*', '?', '[', '{', '!']));
    let permitted = |name: &String| scene.deployments.permits(project, &scene.found.secret, name);
    there.chain(bound).chain(literal).filter(permitted).collect()
}

fn namespaced(scene: &Scene<'_>, project: &AppProject, namespace: &str) -> PermissionSet {
    let scope = Scope::of(Some(namespace));
    let spec = &project.spec;
    if spec.namespace_resource_whitelist.is_none() && spec.namespace_resource_blacklist.is_empty() {
        return VERBS.iter().map(|verb| Permission::resource(scope.clone(), "*", "*", verb)).collect();
    }
    kinds(scene, project, true, &scope)
}

fn cluster_scoped(scene: &Scene<'_>, project: &AppProject) -> PermissionSet {
    kinds(scene, project, false, &Scope::Cluster)
}

fn kinds(scene: &Scene<'_>, project: &AppProject, is_namespaced: bool, scope: &Scope) -> PermissionSet {
    let served = scene.cluster.kubernetes.discovery.iter().chain([Discovery::builtin()]);
    let served = served.flat_map(Discovery::iter).filter(|kind| kind.namespaced == is_namespaced);
    let permitted =
        served.filter(|kind| project.is_group_kind_permitted(&kind.group, &kind.kind, "", is_namespaced));
    permitted
        .flat_map(|kind| VERBS.iter().map(move |verb| (kind.group.clone(), kind.plural.clone(), *verb)))
        .map(|(group, plural, verb)| Permission::resource(scope.clone(), &group, &plural, verb))
        .collect()
}
