//! Restarting controller and server: a pod gets AWS credentials only when it starts.

use inventory::KubernetesObject;

use super::{hub_roles, site::Site, trust::ServiceAccount, wanted::Wanted};
use crate::object::{Location, Object, ObjectId, Restart};

/// The workloads' names in Argo CD's own manifests and, for a release named `argocd`, in the Helm chart: wherever the
/// inventory doesn't say them.
const CONTROLLER: &str = "statefulset/argocd-application-controller";
const SERVER: &str = "deployment/argocd-server";

/// One restart after the bindings and settings, so that both are taken up by it.
pub(super) fn add(
    site: &Site<'_>,
    wanted: &mut Wanted,
    bindings: &[ObjectId],
    settings: &[ObjectId],
) -> Vec<ObjectId> {
    report_others(site, wanted);
    if bindings.is_empty() && settings.is_empty() || !site.has_hub_roles() && settings.is_empty() {
        return Vec::new();
    }
    let restart = Restart {
        cluster: site.hub().clone(),
        namespace: site.namespace().to_owned(),
        workloads: [
            running_as(site, &site.controller(), CONTROLLER),
            running_as(site, &site.server(), SERVER),
        ]
        .concat(),
    };
    let reason = "pods get the credentials of their service account only when they start";
    let after = bindings.iter().chain(settings).cloned().collect();
    vec![wanted.add(Location::Cluster(site.hub().clone()), Object::Restart(restart), reason, after)]
}

/// The workloads whose pods run as a service account.
fn running_as(site: &Site<'_>, account: &ServiceAccount, default: &str) -> Vec<String> {
    let hub = site.inventory.and_then(|inventory| inventory.clusters.get(site.hub()));
    let lists = hub.into_iter().flat_map(|hub| {
        ["deployments", "statefulsets"].map(|resource| hub.kubernetes.list(resource).unwrap_or_default())
    });
    let runs = |object: &&KubernetesObject| {
        let runs_as = object.body.text("/spec/template/spec/serviceAccountName");
        object.namespace.as_deref() == Some(&account.namespace) && runs_as.as_ref() == Some(&account.name)
    };
    let named = |object: &KubernetesObject| format!("{}/{}", object.kind.to_lowercase(), object.name);
    let found: Vec<String> = lists.flatten().filter(runs).map(named).collect();
    if found.is_empty() { vec![default.to_owned()] } else { found }
}

/// Which workload runs as another service account isn't known here.
fn report_others(site: &Site<'_>, wanted: &mut Wanted) {
    for entry in hub_roles::bound(site).iter().filter(|entry| !entry.reaches_clusters) {
        let account = &entry.account;
        wanted.note(
            "restart-consumer",
            format!(
                "pods that run as service account {}/{} must be restarted to get their role; which workload that is the plan doesn't know",
                account.namespace, account.name
            ),
        );
    }
}
