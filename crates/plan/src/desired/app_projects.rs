//! AppProjects: destinations closed to what Applications use, and the service accounts that they sync as.

use std::collections::{BTreeMap, BTreeSet};

use argocd::{AppProject, DestinationServiceAccount};
use facts::{ClusterArn, Finding, Gap, Severity};
use serde_json::{Map, Value, json};

use super::{
    impersonation::{self, SyncAccount},
    site::{App, Site},
    wanted::{Wanted, fields},
};
use crate::object::ObjectId;

/// The fields of each AppProject that the plan closes. Whatever else is in it stays as it is.
pub(super) fn add(site: &Site<'_>, wanted: &mut Wanted, ready: &BTreeMap<ClusterArn, Vec<ObjectId>>) {
    for project in site.projects {
        let apps: Vec<&App<'_>> =
            site.applications.iter().filter(|app| app.application.project == project.name).collect();
        let mut spec = Map::new();
        close_destinations(site, project, &apps, &mut spec, wanted);
        close_sources(project, &apps, &mut spec, wanted);
        name_service_accounts(site, project, &apps, &mut spec);
        if spec.is_empty() {
            continue;
        }
        let clusters: BTreeSet<&ClusterArn> = apps.iter().filter_map(|app| app.cluster.as_ref()).collect();
        let impersonated = spec.contains_key("destinationServiceAccounts");
        let after = clusters.into_iter().filter(|_| impersonated).filter_map(|cluster| ready.get(cluster));
        let after = after.flatten().cloned().collect();
        let object = fields(
            ("argoproj.io/v1alpha1", "AppProject"),
            Some(site.namespace()),
            &project.name,
            json!({ "spec": spec }),
        );
        let used_by = match apps.len() {
            1 => "its Application uses".to_owned(),
            many => format!("its {many} Applications use"),
        };
        let reason = format!("closes project {} to what {used_by}", project.name);
        wanted.add_kubernetes(site.hub(), object, reason, after);
    }
    report_unknown_projects(site, wanted);
}

/// Exactly the used destinations that the project permits already: never wider than before.
fn close_destinations(
    site: &Site<'_>,
    project: &AppProject,
    apps: &[&App<'_>],
    spec: &mut Map<String, Value>,
    wanted: &mut Wanted,
) {
    if apps.is_empty() {
        report_open(project, wanted);
        return;
    }
    let unknown: Vec<&str> =
        apps.iter().filter(|app| app.cluster.is_none() || !app.is_rendered()).map(|app| app.name()).collect();
    if !unknown.is_empty() {
        wanted.unknown.push(
            Gap::new(
                format!("the destinations that project `{}` must keep", project.name),
                format!("it isn't known where {} deploy", quoted(&unknown)),
            )
            .filled_by("give the Applications' rendered manifests (`manifests:` in the fleet file)"),
        );
        return;
    }
    let mut used: BTreeSet<(String, String, String)> = BTreeSet::new();
    for app in apps {
        let Some(spoke) = app.cluster.as_ref().and_then(|cluster| site.spoke(cluster)) else { return };
        let (server, name) = (spoke.server(), spoke.name());
        for namespace in app.namespaces() {
            let url = server.as_deref().unwrap_or_default();
            if !project.is_destination_permitted(url, name, namespace, &[(url, name)]) {
                report_outside(project, app, name, namespace, spoke.cluster, wanted);
                continue;
            }
            // By URL where it is known: names of clusters can be given to another one.
            let (server, name) = if url.is_empty() { ("", name) } else { (url, "") };
            used.insert((server.to_owned(), name.to_owned(), namespace.to_owned()));
        }
    }
    spec.insert("destinations".to_owned(), used.iter().map(destination).collect());
}

/// Only where it is certain that no Application loses its source.
fn close_sources(
    project: &AppProject,
    apps: &[&App<'_>],
    spec: &mut Map<String, Value>,
    wanted: &mut Wanted,
) {
    let used: BTreeSet<&str> =
        apps.iter().flat_map(|app| app.sources()).map(|source| source.repo_url.as_str()).collect();
    let refused: BTreeSet<&str> =
        used.iter().copied().filter(|url| !project.is_source_permitted(url)).collect();
    for app in apps {
        let own = app.sources().map(|source| source.repo_url.as_str());
        let refused: BTreeSet<&str> = own.filter(|url| refused.contains(url)).collect();
        refused.into_iter().for_each(|url| report_source_outside(project, app, url, wanted));
    }
    let open = project.spec.source_repos.iter().any(|repository| is_open(repository));
    if open && !used.is_empty() && refused.is_empty() {
        spec.insert("sourceRepos".to_owned(), json!(used));
    }
}

/// The project's own entries first, since the first that matches counts.
fn name_service_accounts(
    site: &Site<'_>,
    project: &AppProject,
    apps: &[&App<'_>],
    spec: &mut Map<String, Value>,
) {
    if !site.impersonation {
        return;
    }
    let mut planned: Vec<DestinationServiceAccount> = apps
        .iter()
        .filter_map(|app| match impersonation::account_of(site, app) {
            Some(SyncAccount::Planned(_, entry)) => Some(entry),
            _ => None,
        })
        .collect();
    planned.sort_by(|a, b| (&a.server, &a.namespace).cmp(&(&b.server, &b.namespace)));
    planned.dedup();
    if planned.is_empty() {
        return;
    }
    let entries = project.spec.destination_service_accounts.iter().chain(&planned).map(|entry| {
        let DestinationServiceAccount { server, namespace, default_service_account } = entry;
        let mut written = json!({ "server": server, "defaultServiceAccount": default_service_account });
        if let (false, Some(written)) = (namespace.is_empty(), written.as_object_mut()) {
            written.insert("namespace".to_owned(), json!(namespace));
        }
        written
    });
    spec.insert("destinationServiceAccounts".to_owned(), entries.collect());
}

fn destination((server, name, namespace): &(String, String, String)) -> Value {
    let parts = [("server", server), ("name", name), ("namespace", namespace)];
    let parts = parts.into_iter().filter(|(_, value)| !value.is_empty());
    Value::Object(parts.map(|(key, value)| (key.to_owned(), json!(value))).collect())
}

fn report_outside(
    project: &AppProject,
    app: &App<'_>,
    cluster: &str,
    namespace: &str,
    registered: Option<&fleet::Cluster>,
    wanted: &mut Wanted,
) {
    // A Secret's `project` opens the cluster to that project by itself.
    if registered.is_some_and(|cluster| {
        cluster.project.as_deref() == Some(project.name.as_str())
            && (cluster.namespaces.is_empty() || cluster.namespaces.iter().any(|own| own == namespace))
    }) {
        return;
    }
    let message = format!(
        "application `{}` deploys to namespace `{namespace}` of cluster `{cluster}`, which its project `{}` doesn't permit: Argo CD refuses it",
        app.name(),
        project.name
    );
    let finding = Finding::new("application-outside-its-project", Severity::Error, message);
    wanted.findings.push(at_both(app, project, finding).with_help(format!(
        "add the destination to project `{}`, or move the Application to another project",
        project.name
    )));
}

/// Argo CD refuses it before it compares anything (util/argo/argo.go, `ValidatePermissions`).
fn report_source_outside(project: &AppProject, app: &App<'_>, url: &str, wanted: &mut Wanted) {
    let message = format!(
        "application `{}` is rendered from `{url}`, which its project `{}` doesn't permit: Argo CD refuses it",
        app.name(),
        project.name
    );
    let finding = Finding::new("application-source-outside-its-project", Severity::Error, message);
    wanted.findings.push(at_both(app, project, finding).with_help(format!(
        "add the repository to `sourceRepos` of project `{}`; `*` in a pattern ends at a slash, alone it is any repository",
        project.name
    )));
}

fn at_both(app: &App<'_>, project: &AppProject, mut finding: Finding) -> Finding {
    finding.places.extend([&app.application.place, &project.place].into_iter().cloned());
    finding
}

fn report_open(project: &AppProject, wanted: &mut Wanted) {
    let destinations = project.spec.destinations.iter();
    let mut patterns = destinations.flat_map(|entry| [&entry.server, &entry.name, &entry.namespace]);
    if !patterns.any(|pattern| is_open(pattern)) {
        return;
    }
    let message = format!(
        "no Application is in project `{}`, and it is open: whoever may create one in it reaches what its patterns match",
        project.name
    );
    let finding = Finding::new("unused-project-is-open", Severity::Warning, message)
        .at(project.place.clone())
        .with_help("set its `destinations` to `[]`, or delete it (`default` can't be deleted)");
    wanted.findings.push(finding);
}

fn report_unknown_projects(site: &Site<'_>, wanted: &mut Wanted) {
    let known: BTreeSet<&str> = site.projects.iter().map(|project| project.name.as_str()).collect();
    let mut missing: BTreeMap<&str, Vec<&App<'_>>> = BTreeMap::new();
    for app in site.applications.iter().filter(|app| !known.contains(app.application.project.as_str())) {
        missing.entry(&app.application.project).or_default().push(app);
    }
    for (project, apps) in missing {
        let names: Vec<&str> = apps.iter().map(|app| app.name()).collect();
        let more = if project == "default" { ", and Argo CD's own `default` permits everything" } else { "" };
        let message = format!(
            "project `{project}` of {} isn't among the fleet's projects, so its destinations stay as they are{more}",
            quoted(&names)
        );
        let mut finding = Finding::new("project-not-in-fleet", Severity::Warning, message)
            .with_help("name its file under `projects` in the fleet file");
        finding.places.extend(apps.iter().map(|app| app.application.place.clone()));
        wanted.findings.push(finding);
    }
}

/// Whether a pattern stands for more than itself.
fn is_open(pattern: &str) -> bool {
    pattern.starts_with('!') || pattern.contains(['*', '?', '[', '{'])
}

/// At most three names.
fn quoted(names: &[&str]) -> String {
    let first: Vec<String> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(first.len()) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
