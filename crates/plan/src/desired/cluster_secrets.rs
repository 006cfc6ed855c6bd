//! Cluster Secrets: how Argo CD knows a cluster and reaches it.

use std::collections::{BTreeMap, BTreeSet};

use facts::{ClusterArn, Finding, Gap, Severity};
use fleet::{Cluster, Topology};
use serde_json::{Map, Value, json};

use super::{
    bridge::Bridge,
    groups,
    site::{LiveSecret, Site, Spoke},
    wanted::{Wanted, entry_id, whole},
};
use crate::{
    names,
    object::{ObjectId, Ownership},
};

/// One Secret for each cluster that can't do without, after everything that makes the cluster reachable: those that the
/// bridge carries `first`, or all the others.
pub(super) fn add(
    site: &Site<'_>,
    wanted: &mut Wanted,
    (bridge, first): (&Bridge, bool),
    bindings: &BTreeMap<ClusterArn, Vec<ObjectId>>,
    before: &[ObjectId],
) -> Vec<ObjectId> {
    let mut ids = Vec::new();
    for spoke in site.spokes.iter().filter(|spoke| bridge.is_first(spoke.arn) == first) {
        let Some(cluster) = spoke.cluster else { continue };
        if spoke.in_cluster && !needs_secret(site, cluster) {
            continue;
        }
        let Some(data) = data(site, spoke, cluster, wanted) else { continue };
        let mut after: Vec<ObjectId> = bindings.get(spoke.arn).cloned().unwrap_or_default();
        after.extend(entries(site, spoke, bridge));
        after.extend(before.iter().cloned());

        let live = spoke.secret.as_ref();
        let name = live.map_or_else(|| names::cluster_secret(spoke.arn), |live| live.name.clone());
        let content = json!({ "type": "Opaque", "stringData": data });
        let mut object = whole(site, ("v1", "Secret"), Some(site.namespace()), &name, content);
        object.body.edit(|body| label(body, cluster, live));
        debug_assert_eq!(object.ownership, Ownership::Whole);
        let how = match (spoke.in_cluster, cluster.topology) {
            (true, _) => "its pods' service accounts",
            (_, Topology::Chained) => "the spoke role",
            (_, Topology::Direct) => "the hub roles themselves",
            (_, Topology::Capability) => "the capability role",
        };
        let reason = format!("Argo CD knows {} by it and reaches it as {how}", cluster.name);
        ids.push(wanted.add_kubernetes(site.hub(), object, reason, after));
    }
    ids
}

/// The access entries by which Argo CD comes once its Secret is as it should be.
pub(super) fn entries(site: &Site<'_>, spoke: &Spoke<'_>, bridge: &Bridge) -> Vec<ObjectId> {
    let own = groups::principals(site, spoke).into_iter().map(|principal| principal.role);
    let all = own.chain(bridge.entries(spoke.arn).map(|(role, _)| role.clone()));
    all.map(|role| entry_id(spoke.arn, &role)).collect()
}

/// Argo CD knows its own cluster without a Secret, as `in-cluster` (util/db/cluster.go). A Secret takes that name away,
/// so it is wanted only where something can be said in no other way.
fn needs_secret(site: &Site<'_>, cluster: &Cluster) -> bool {
    let named = |app: &super::site::App<'_>| app.application.destination.name == cluster.name;
    !cluster.namespaces.is_empty()
        || cluster.project.is_some()
        || !cluster.labels.is_empty()
        || cluster.name != "in-cluster" && site.applications_on(&cluster.arn).any(named)
}

/// The Secret's keys, in the exact schema of util/db/cluster.go `SecretToCluster`.
fn data(
    site: &Site<'_>,
    spoke: &Spoke<'_>,
    cluster: &Cluster,
    wanted: &mut Wanted,
) -> Option<Map<String, Value>> {
    let mut data = Map::new();
    data.insert("name".to_owned(), json!(cluster.name));
    let reached_by_url = !spoke.in_cluster && cluster.topology != Topology::Capability;
    if reached_by_url {
        report_missing(spoke, cluster, wanted);
        if let Some(gap) = hidden_proxy(spoke, cluster) {
            wanted.unknown.push(gap);
            return None;
        }
    }
    data.insert("server".to_owned(), json!(spoke.server()?));
    if spoke.in_cluster {
        data.insert(
            "config".to_owned(),
            json!(json!({ "tlsClientConfig": { "insecure": false } }).to_string()),
        );
    } else if reached_by_url {
        let authority = spoke.certificate_authority.as_ref()?;
        data.insert("config".to_owned(), json!(config(site, spoke, cluster, authority).to_string()));
    }
    if !cluster.namespaces.is_empty() {
        data.insert("namespaces".to_owned(), json!(cluster.namespaces.join(",")));
        if cluster.cluster_resources {
            data.insert("clusterResources".to_owned(), json!("true"));
        }
    }
    if let Some(shard) = spoke.secret.as_ref().and_then(|live| live.content.shard) {
        data.insert("shard".to_owned(), json!(shard.to_string()));
    }
    if let Some(project) = project(site, spoke, cluster, wanted) {
        data.insert("project".to_owned(), json!(project));
    }
    Some(data)
}

/// `ClusterConfig` (pkg/apis/application/v1alpha1/types.go). Without `roleARN` argocd-k8s-auth signs with the pod's own role.
///
/// How a live Secret gets through the network stays: it says nothing of who Argo CD is.
fn config(site: &Site<'_>, spoke: &Spoke<'_>, cluster: &Cluster, authority: &str) -> Value {
    let mut aws = json!({ "clusterName": cluster.arn.name });
    if let (Topology::Chained, Some(aws)) = (cluster.topology, aws.as_object_mut()) {
        aws.insert("roleARN".to_owned(), json!(site.spoke_role(&cluster.arn).to_string()));
    }
    let mut tls = json!({ "insecure": false, "caData": authority });
    let live = spoke.secret.as_ref().map(|live| &live.content.config);
    if let (Some(live), Some(tls)) =
        (live.filter(|live| !live.tls.server_name.is_empty()), tls.as_object_mut())
    {
        tls.insert("serverName".to_owned(), json!(live.tls.server_name));
    }
    let mut config = json!({ "awsAuthConfig": aws, "tlsClientConfig": tls });
    if let (Some(live), Some(config)) = (live, config.as_object_mut()) {
        if !live.proxy_url.is_empty() {
            config.insert("proxyUrl".to_owned(), json!(live.proxy_url));
        }
        if live.disable_compression {
            config.insert("disableCompression".to_owned(), json!(true));
        }
    }
    config
}

/// A proxy that asks for a password: it isn't kept, and without it Argo CD wouldn't get through.
fn hidden_proxy(spoke: &Spoke<'_>, cluster: &Cluster) -> Option<Gap> {
    let live = spoke.secret.as_ref()?;
    live.content.config.proxy_url.contains(&format!("{}@", inventory::REPLACED)).then(|| {
        Gap::new(
            format!(
                "the password in `proxyUrl` of Secret `{}`, by which cluster `{}` is reached",
                live.name, cluster.name
            ),
            "Oarlock keeps no credential, and the Secret can't be planned without it",
        )
    })
}

fn report_missing(spoke: &Spoke<'_>, cluster: &Cluster, wanted: &mut Wanted) {
    let missing = [
        ("endpoint", spoke.endpoint.is_none(), "endpoint", "cluster.endpoint"),
        (
            "certificate authority",
            spoke.certificate_authority.is_none(),
            "certificateAuthority",
            "cluster.certificateAuthority.data",
        ),
    ];
    for (what, is_missing, field, query) in missing {
        if is_missing {
            wanted.unknown.push(
                Gap::new(
                    format!("the {what} of cluster `{}`, which its Secret names", cluster.name),
                    format!("neither `{field}` in the fleet file nor the inventory says it"),
                )
                .filled_by(format!(
                    "aws eks describe-cluster --region {} --name {} --query {query}",
                    spoke.arn.region, spoke.arn.name
                )),
            );
        }
    }
}

/// The Secret's `project`, and what it opens (util/argo/argo.go, `GetAppProjectByName`).
fn project(site: &Site<'_>, spoke: &Spoke<'_>, cluster: &Cluster, wanted: &mut Wanted) -> Option<String> {
    if cluster.topology == Topology::Capability && !spoke.in_cluster {
        return capability_project(site, cluster, wanted);
    }
    let project = cluster.project.clone()?;
    if cluster.namespaces.is_empty() {
        let message = format!(
            "`project: {project}` in the Secret of cluster `{}` opens every namespace of that cluster to project `{project}`, whatever its destinations say",
            cluster.name
        );
        wanted.findings.push(
            Finding::new(
                "cluster-project-opens-destinations",
                Severity::Warning,
                opened(site, cluster, &project, message),
            )
            .at(cluster.place.clone())
            .with_help("drop `project` and let the AppProject's destinations decide")
            .with_help("or name the cluster's `namespaces`, and only these are opened"),
        );
    }
    Some(project)
}

/// What the project's own destinations would have kept shut.
fn opened(site: &Site<'_>, cluster: &Cluster, project: &str, message: String) -> String {
    let Some(own) = site.project(project) else { return message };
    let server = site.spoke(&cluster.arn).and_then(Spoke::server).unwrap_or_default();
    let already = ["kube-system", "oarlock-any-other"];
    if already.iter().all(|namespace| {
        own.is_destination_permitted(&server, &cluster.name, namespace, &[(&server, &cluster.name)])
    }) {
        return message;
    }
    let listed: BTreeSet<&str> = own.spec.destinations.iter().map(|entry| entry.namespace.as_str()).collect();
    let listed: Vec<&str> = listed.into_iter().collect();
    format!("{message} (its own destinations allow {}; `kube-system` is opened)", listed.join(", "))
}

/// EKS User Guide, "Register target clusters": with the capability each cluster belongs to one project.
fn capability_project(site: &Site<'_>, cluster: &Cluster, wanted: &mut Wanted) -> Option<String> {
    if let Some(project) = &cluster.project {
        return Some(project.clone());
    }
    let used: BTreeSet<&str> =
        site.applications_on(&cluster.arn).map(|app| app.application.project.as_str()).collect();
    if let ([project], 1) = (used.iter().copied().collect::<Vec<_>>().as_slice(), used.len()) {
        return Some((*project).to_owned());
    }
    let used: Vec<&str> = used.into_iter().collect();
    let message = format!(
        "cluster `{}` needs a `project`: with the EKS capability each cluster belongs to exactly one, and its Applications are in {}",
        cluster.name,
        if used.is_empty() { "none".to_owned() } else { used.join(", ") }
    );
    wanted.findings.push(
        Finding::new("capability-cluster-without-project", Severity::Error, message)
            .at(cluster.place.clone())
            .with_help("set `project` of the cluster in the fleet file"),
    );
    None
}

/// A live Secret's labels stay, since ApplicationSets select by them; the fleet file's win, and over these Argo CD's own
/// and the marks.
fn label(body: &mut Value, cluster: &Cluster, live: Option<&LiveSecret>) {
    let Some(metadata) = body.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    let live = live.map(|live| &live.content);
    let annotations = live.map(|live| &live.annotations).filter(|annotations| !annotations.is_empty());
    if let Some(annotations) = annotations {
        metadata.insert("annotations".to_owned(), json!(annotations));
    }
    let Some(labels) = metadata.get_mut("labels").and_then(Value::as_object_mut) else { return };
    let given = live.map(|live| &live.labels).into_iter().flatten().chain(&cluster.labels);
    let mut all: Map<String, Value> = given.map(|(key, value)| (key.clone(), json!(value))).collect();
    all.append(labels);
    all.insert(argocd::SECRET_TYPE_LABEL.to_owned(), json!("cluster"));
    *labels = all;
}
