//! AppProjects that permit more where they live than their files say.

use argocd::{AppProject, AppProjectSpec};
use facts::{Finding, Severity};
use fleet::Fleet;
use inventory::Inventory;
use serde::Deserialize;

use crate::{DesiredObject, Object};

/// One finding for each project of which the plan leaves a field alone that permits more than the file does: the plan
/// was worked out from the file.
pub(crate) fn wider(
    fleet: &Fleet,
    inventory: &Inventory,
    projects: &[AppProject],
    desired: &[DesiredObject],
) -> Vec<Finding> {
    let Some(hub) = inventory.clusters.get(&fleet.hub.arn) else { return Vec::new() };
    let namespace = fleet.hub.argocd.namespace.as_str();
    let findings = projects.iter().filter_map(|project| {
        let live = hub.kubernetes.find("appprojects", Some(namespace), &project.name)?;
        let spec = AppProjectSpec::deserialize(live.body.at("/spec")?).ok()?;
        let closed = closed(desired, &project.name);
        let open: Vec<&str> =
            wider_fields(&spec, &project.spec).into_iter().filter(|field| !closed.iter().any(|closed| closed == field)).collect();
        if open.is_empty() {
            return None;
        }
        let message = format!(
            "project `{}` permits more on the hub than in its file, in {}: the plan is worked out from the file and leaves that as it is",
            project.name,
            open.join(", ")
        );
        let finding = Finding::new("live-project-is-wider", Severity::Warning, message);
        Some(
            finding
                .at(live.place.clone())
                .at(project.place.clone())
                .with_help("apply the project's file to the hub, or bring the file up to date"),
        )
    });
    findings.collect()
}

/// The fields that the plan writes.
fn closed(desired: &[DesiredObject], project: &str) -> Vec<String> {
    let written = desired.iter().find_map(|object| match &object.object {
        Object::Kubernetes(object) if object.kind == "AppProject" && object.name == project => {
            object.body.read::<Written>()
        }
        _ => None,
    });
    written.into_iter().flat_map(|written| written.spec.into_iter()).map(|(field, _)| field).collect()
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    spec: serde_json::Map<String, serde_json::Value>,
}

/// The fields in which `live` permits something that `file` doesn't, or something else.
fn wider_fields(live: &AppProjectSpec, file: &AppProjectSpec) -> Vec<&'static str> {
    let kinds = match (&live.namespace_resource_whitelist, &file.namespace_resource_whitelist) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(live), Some(file)) => more(live, file),
    };
    // An entry with `!` denies, so one that the live project lacks permits more.
    let patterns = |live: &[String], file: &[String]| {
        let denied = |list: &[String]| -> Vec<String> {
            list.iter().filter(|pattern| pattern.starts_with('!')).cloned().collect()
        };
        more(live, file) || more(&denied(file), &denied(live))
    };
    let fields = [
        ("sourceRepos", patterns(&live.source_repos, &file.source_repos)),
        ("sourceNamespaces", patterns(&live.source_namespaces, &file.source_namespaces)),
        ("destinations", more(&live.destinations, &file.destinations)),
        (
            "clusterResourceWhitelist",
            more(&live.cluster_resource_whitelist, &file.cluster_resource_whitelist),
        ),
        (
            "clusterResourceBlacklist",
            more(&file.cluster_resource_blacklist, &live.cluster_resource_blacklist),
        ),
        ("namespaceResourceWhitelist", kinds),
        (
            "namespaceResourceBlacklist",
            more(&file.namespace_resource_blacklist, &live.namespace_resource_blacklist),
        ),
        (
            "permitOnlyProjectScopedClusters",
            file.permit_only_project_scoped_clusters && !live.permit_only_project_scoped_clusters,
        ),
        // The first that matches counts, so that another order is another decision.
        (
            "destinationServiceAccounts",
            live.destination_service_accounts != file.destination_service_accounts,
        ),
    ];
    fields.into_iter().filter(|(_, wider)| *wider).map(|(field, _)| field).collect()
}

fn more<T: PartialEq>(live: &[T], file: &[T]) -> bool {
    live.iter().any(|entry| !file.contains(entry))
}
