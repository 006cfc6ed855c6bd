//! Restarting controller and server: a pod gets AWS credentials only when it starts.

use super::{hub_roles, site::Site, wanted::Wanted};
use crate::object::{Location, Object, ObjectId, Restart};

/// The workloads' names in Argo CD's own manifests and, with its default `fullnameOverride`, in the Helm chart.
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
        workloads: vec![CONTROLLER.to_owned(), SERVER.to_owned()],
    };
    let reason = "pods get the credentials of their service account only when they start";
    let after = bindings.iter().chain(settings).cloned().collect();
    vec![wanted.add(Location::Cluster(site.hub().clone()), Object::Restart(restart), reason, after)]
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
