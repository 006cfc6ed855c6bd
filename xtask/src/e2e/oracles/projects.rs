//! What AppProjects permit (pkg/apis/application/v1alpha1/app_project_types.go).

use anyhow::Result;
use argocd::AppProject;
use fastrand::Rng;
use serde_json::{Value, json};

use super::{
    Asked,
    generate::{self, NAMESPACES, SERVERS, fields, list, pattern, pick},
    value,
};

const NAME: &str = "payments";
const CLUSTERS: [&str; 4] = ["prod", "dev", "in-cluster", ""];
const GROUPS: [&str; 4] = ["", "apps", "rbac.authorization.k8s.io", "a"];
const KINDS: [&str; 5] = ["Deployment", "Namespace", "ClusterRole", "a", "ab"];
const NAMES: [&str; 5] = ["web", "web-1", "team/a", "a", ""];

/// Whether a namespace of a cluster is a destination.
pub(super) fn ask_destination(rng: &mut Rng) -> Result<Asked> {
    let spec = json!({
        "destinations": list(rng, 0..5, destination),
        "permitOnlyProjectScopedClusters": rng.u8(..4) == 0,
    });
    let project = generate::object("AppProject", NAME, &spec);
    let clusters = list(rng, 0..4, |rng| {
        json!({
            "server": pick(rng, &SERVERS), "name": pick(rng, &CLUSTERS), "project": pick(rng, &["", NAME, NAME, "other"]),
        })
    });
    let (server, name, namespace) =
        (pick(rng, &["", SERVERS[0], SERVERS[1], SERVERS[3]]), pick(rng, &CLUSTERS), pick(rng, &NAMESPACES));
    let own: Vec<_> = clusters.iter().filter(|cluster| text(cluster, "project") == NAME).collect();
    let own: Vec<_> = own.iter().map(|cluster| (text(cluster, "server"), text(cluster, "name"))).collect();
    let ours = read(&project)?.is_destination_permitted(server, name, namespace, &own);
    let destination = json!({ "server": server, "name": name, "namespace": namespace });
    let question =
        json!({ "permitted": { "project": project, "destination": destination, "clusters": clusters } });
    Ok(Asked { kind: "destinations", question, ours: value(ours) })
}

/// Whether a kind may be deployed.
pub(super) fn ask_kind(rng: &mut Rng) -> Result<Asked> {
    let mut spec = json!({
        "clusterResourceWhitelist": list(rng, 0..4, cluster_kind),
        "clusterResourceBlacklist": list(rng, 0..2, cluster_kind),
        "namespaceResourceBlacklist": list(rng, 0..2, kind),
    });
    // That it is absent is not the same as that it is empty.
    if let Some(spec) = spec.as_object_mut().filter(|_| rng.u8(..4) != 0) {
        spec.insert("namespaceResourceWhitelist".to_owned(), json!(list(rng, 0..4, kind)));
    }
    let project = generate::object("AppProject", NAME, &spec);
    let (group, kind, name, namespaced) =
        (pick(rng, &GROUPS), pick(rng, &KINDS), pick(rng, &NAMES), rng.bool());
    let ours = read(&project)?.is_group_kind_permitted(group, kind, name, namespaced);
    let question = json!({
        "groupKind": { "project": project, "group": group, "kind": kind, "name": name, "namespaced": namespaced },
    });
    let kind = if namespaced { "namespaced kinds" } else { "cluster-scoped kinds" };
    Ok(Asked { kind, question, ours: value(ours) })
}

fn destination(rng: &mut Rng) -> Value {
    let (server, name, namespace) =
        (pattern(rng, &SERVERS), pattern(rng, &CLUSTERS), pattern(rng, &NAMESPACES));
    fields(rng, [("server", json!(server)), ("name", json!(name)), ("namespace", json!(namespace))])
}

fn kind(rng: &mut Rng) -> Value {
    json!({ "group": pattern(rng, &GROUPS), "kind": pattern(rng, &KINDS) })
}

fn cluster_kind(rng: &mut Rng) -> Value {
    let name = if rng.bool() { pattern(rng, &NAMES) } else { String::new() };
    json!({ "group": pattern(rng, &GROUPS), "kind": pattern(rng, &KINDS), "name": name })
}

fn read(project: &Value) -> Result<AppProject> {
    generate::read(project, AppProject::parse)
}

fn text<'v>(object: &'v Value, field: &str) -> &'v str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}
