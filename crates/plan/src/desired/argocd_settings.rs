//! The settings of Argo CD that the plan relies on: in argocd-cm, and as values of the Helm chart.

use std::collections::BTreeMap;

use facts::{Finding, Severity};
use fleet::Install;
use inventory::Cluster;
use serde_json::{Value, json};

use super::{
    hub_roles,
    site::{App, Site},
    wanted::{Wanted, fields},
};
use crate::{live, object::ObjectId};

const ENABLED: &str = "application.sync.impersonation.enabled";
const ENFORCED: &str = "application.sync.impersonation.enforced";

/// The keys of argocd-cm without which the needs would be others.
pub(super) fn add(site: &Site<'_>, wanted: &mut Wanted, after: Vec<ObjectId>) -> Vec<ObjectId> {
    let keys = keys(site);
    if site.fleet.hub.argocd.install == Install::EksCapability {
        report_unreachable(site, &keys, wanted);
        return Vec::new();
    }
    wanted.helm_values = helm_values(site, &keys);
    if keys.is_empty() {
        return Vec::new();
    }
    let object = fields(("v1", "ConfigMap"), Some(site.namespace()), "argocd-cm", json!({ "data": keys }));
    let names: Vec<&str> = keys.keys().map(String::as_str).collect();
    let reason = format!("the needs rest on {}", names.join(", "));
    vec![wanted.add_kubernetes(site.hub(), object, reason, after)]
}

fn keys(site: &Site<'_>) -> BTreeMap<String, String> {
    let mut keys = site.settings.clone();
    if site.impersonation {
        keys.insert(ENABLED.to_owned(), "true".to_owned());
        // Without it an Application that no entry matches syncs as the controller (argo-cd#27573); before 3.5 it always fails.
        if site.fleet.hub.argocd.version >= (fleet::Version { major: 3, minor: 5 }) {
            keys.insert(ENFORCED.to_owned(), "true".to_owned());
        }
    } else if site.fleet.impersonation == Some(false) {
        keys.insert(ENABLED.to_owned(), "false".to_owned());
    }
    keys
}

/// The capability gives no access to argocd-cm (EKS User Guide, "Argo CD considerations").
fn report_unreachable(site: &Site<'_>, keys: &BTreeMap<String, String>, wanted: &mut Wanted) {
    if keys.is_empty() {
        return;
    }
    let names: Vec<&str> = keys.keys().map(String::as_str).collect();
    let message = format!(
        "the plan relies on {}, and the EKS capability doesn't let anybody set argocd-cm",
        names.join(", ")
    );
    wanted.findings.push(
        Finding::new("capability-has-no-settings", Severity::Error, message)
            .at(site.fleet.place.clone())
            .with_help(
                "leave `cache` and `impersonation` out of the fleet file, or run Argo CD self-managed",
            ),
    );
}

/// Whether all Applications certainly are in Argo CD's own namespace. The chart's ClusterRoles give Argo CD everything
/// on the hub; besides what it deploys there, which the plan's own roles allow, it needs them for Applications elsewhere
/// only (argo-helm, charts/argo-cd/templates, `createClusterRoles`).
fn keeps_applications_at_home(site: &Site<'_>) -> bool {
    let hub = site.inventory.and_then(|inventory| inventory.clusters.get(site.hub()));
    let is_told =
        |hub: &&Cluster| ["configmaps", "applications"].iter().all(|kind| hub.kubernetes.list(kind).is_ok());
    let at_home =
        |app: &App<'_>| app.application.namespace.as_deref().is_none_or(|ns| ns == site.namespace());
    let nowhere_else = |hub: &Cluster| {
        let (setting, there) = (live::application_namespaces, live::applications_elsewhere);
        setting(hub, site.namespace()).is_none() && there(hub, site.namespace()).is_none()
    };
    hub.filter(is_told).is_some_and(nowhere_else) && site.applications.iter().all(at_home)
}

/// The chart's own structure: `createClusterRoles`, `configs.cm`, `controller.serviceAccount`, `server.serviceAccount`
/// (argo-helm, charts/argo-cd/values.yaml).
fn helm_values(site: &Site<'_>, keys: &BTreeMap<String, String>) -> Option<Value> {
    let mut values = json!({});
    let root = values.as_object_mut()?;
    if keeps_applications_at_home(site) {
        root.insert("createClusterRoles".to_owned(), false.into());
    }
    if !keys.is_empty() {
        root.insert("configs".to_owned(), json!({ "cm": keys }));
    }
    if !site.pod_identity() {
        for entry in hub_roles::bound(site) {
            let component = if entry.account == site.controller() {
                "controller"
            } else if entry.account == site.server() {
                "server"
            } else {
                continue;
            };
            let annotations = json!({ access::ROLE_ANNOTATION: entry.role.to_string() });
            root.insert(
                component.to_owned(),
                json!({ "serviceAccount": { "name": entry.account.name, "annotations": annotations } }),
            );
        }
    }
    (!root.is_empty()).then_some(values)
}
