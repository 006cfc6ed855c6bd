//! Live Applications: what they deploy, from their `status.resources` and the RBAC objects of the inventory.

use argocd::{Application, Deployment, LiveResource, SyncOptions};
use facts::{Gap, Problem};
use fleet::Fleet;
use inventory::{Cluster, Inventory, KubernetesObject};

use crate::destination::Destinations;

const RBAC: &str = "rbac.authorization.k8s.io";

/// How an Application syncs, as its own file says it.
pub fn sync_options(application: &Application) -> SyncOptions {
    let policy = &application.sync_policy;
    let mut options = SyncOptions::default()
        .with_options(policy.sync_options.iter().map(String::as_str))
        .with_finalizers(application.finalizers.iter().map(String::as_str))
        .with_annotations(&application.annotations);
    options.prune = application.prunes();
    options.managed_namespace_metadata = policy.managed_namespace_metadata.is_some();
    options
}

/// A deployment of an Application that deploys nothing yet.
pub fn empty_deployment(application: &Application) -> Deployment {
    let namespace =
        Some(application.destination.namespace.as_str()).filter(|namespace| !namespace.is_empty());
    Deployment::new(
        Some(application.name.as_str().into()),
        namespace.map(Into::into),
        sync_options(application),
    )
}

/// What a live Application deploys. The rules of the roles that it ships come from the inventory of its cluster; where
/// they weren't read, that is a gap.
///
/// # Errors
/// Where its destination is no cluster of the fleet, or an RBAC object of the inventory has another shape.
pub fn live_deployment(
    fleet: &Fleet,
    inventory: &Inventory,
    application: &Application,
) -> Result<(Deployment, Vec<Gap>), Problem> {
    let arn = Destinations::new(fleet, Some(inventory)).resolve(application)?;
    let kubernetes = inventory.clusters.get(arn).map(|cluster| &cluster.kubernetes);
    let mut deployment = empty_deployment(application);
    let mut gaps = Vec::new();
    for resource in application.resources.iter().flatten() {
        let namespace = Some(resource.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        deployment.add_live(LiveResource {
            group: &resource.group,
            kind: &resource.kind,
            version: &resource.version,
            namespace,
            name: &resource.name,
            hook: resource.hook,
            requires_pruning: resource.requires_pruning,
        });
        if resource.group != RBAC || resource.requires_pruning {
            continue;
        }
        let plural = format!("{}s", resource.kind.to_lowercase());
        match kubernetes.map(|kubernetes| kubernetes.list(&plural)) {
            Some(Ok(objects)) => {
                let is_it = |object: &&KubernetesObject| {
                    object.name == resource.name && object.namespace.as_deref() == namespace
                };
                match objects.iter().find(is_it) {
                    Some(object) => add(&mut deployment, object)?,
                    None => gaps.push(unknown_rules(application, &resource.kind, &resource.name)),
                }
            }
            Some(Err(gap)) => gaps.push(gap),
            None => gaps.push(unknown_rules(application, &resource.kind, &resource.name)),
        }
    }
    gaps.sort();
    gaps.dedup();
    Ok((deployment, gaps))
}

fn add(deployment: &mut Deployment, object: &KubernetesObject) -> Result<(), Problem> {
    let mut result = Ok(());
    object.read(&mut |read| {
        let added = read.and_then(|read| deployment.add(&read));
        if added.is_err() {
            result = added;
        }
    });
    result
}

fn unknown_rules(application: &Application, kind: &str, name: &str) -> Gap {
    Gap::new(
        format!("{kind} `{name}` of the live Application `{}`", application.name),
        "not in the inventory",
    )
    .filled_by(format!("kubectl get {} --all-namespaces -o yaml", kind.to_lowercase()))
}

/// Where besides its own namespace Argo CD manages Applications: the setting, as it is written. Its Roles don't reach
/// there (Argo CD's docs/operator-manual/app-any-namespace.md).
pub(crate) fn application_namespaces(hub: &Cluster, argocd: &str) -> Option<String> {
    let map = hub.kubernetes.find("configmaps", Some(argocd), "argocd-cmd-params-cm")?;
    map.body.text("/data/application.namespaces").filter(|namespaces| !namespaces.trim().is_empty())
}

/// A namespace besides Argo CD's own where there are Applications.
pub(crate) fn applications_elsewhere<'h>(hub: &'h Cluster, argocd: &str) -> Option<&'h str> {
    let applications = hub.kubernetes.list("applications").unwrap_or_default();
    let mut namespaces = applications.iter().filter_map(|application| application.namespace.as_deref());
    namespaces.find(|namespace| *namespace != argocd)
}
