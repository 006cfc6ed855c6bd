//! The clusters of an inventory: an API server each, with the objects that the inventory's Kubernetes files hold.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::e2e::{
    apiserver::ApiServer,
    enough::{case::documents, definitions},
    go, kubeconfig,
    kubectl::Kubectl,
    python,
    suite::Ground,
};

/// Running API servers. They end when this is dropped.
pub(in crate::e2e) struct Clusters {
    /// With a context for each cluster, called by its ARN, as `aws eks update-kubeconfig` does.
    pub(in crate::e2e) kubeconfig: PathBuf,
    servers: Vec<(String, ApiServer)>,
}

/// A cluster's folder in an inventory.
#[derive(Clone, Debug)]
pub(in crate::e2e) struct Folder {
    pub(in crate::e2e) arn: String,
    path: PathBuf,
}

impl Clusters {
    /// Starts one for each cluster of an inventory, and fills them, all at once.
    pub(in crate::e2e) fn start(ground: &Ground<'_>, folder: &str, inventory: &Path) -> Result<Self> {
        // Built before several need it.
        go::program(ground.workspace, "apiserver")?;
        let program = python::tools(ground.workspace)?.kubectl;
        let folders = folders(inventory)?;
        let servers = thread::scope(|scope| {
            let starting: Vec<_> = folders
                .iter()
                .enumerate()
                .map(|(number, cluster)| {
                    let (name, program) = (format!("{folder}/cluster-{number}"), &program);
                    scope.spawn(move || {
                        let server = ApiServer::start(ground, &name, &[], &[])?;
                        fill(&Kubectl::new(program, &server.kubeconfig), &cluster.path.join("kubernetes"))
                            .with_context(|| {
                                format!("{}; its log is {}", cluster.arn, server.log().display())
                            })?;
                        Ok((cluster.arn.clone(), server))
                    })
                })
                .collect();
            let joined =
                starting.into_iter().map(|one| one.join().ok().context("a cluster's thread stopped")?);
            joined.collect::<Result<Vec<_>>>()
        })?;
        let kubeconfig = ground.folder.join(folder).join("kubeconfig.json");
        let contexts = servers.iter().map(|(arn, server)| (arn.as_str(), server.kubeconfig.as_path()));
        fs::write(&kubeconfig, kubeconfig::joined(&program, contexts)?.to_string())?;
        Ok(Self { kubeconfig, servers })
    }

    /// kubectl on one of them, as somebody who may everything.
    pub(in crate::e2e) fn kubectl(&self, program: &Path, arn: &str) -> Option<Kubectl> {
        let (_, server) = self.servers.iter().find(|(own, _)| own == arn)?;
        Some(Kubectl::new(program, &server.kubeconfig))
    }

    /// The API servers, by their clusters' ARNs.
    pub(in crate::e2e) fn servers(&self) -> impl Iterator<Item = (&str, &ApiServer)> {
        self.servers.iter().map(|(arn, server)| (arn.as_str(), server))
    }

    /// The servers' logs.
    pub(in crate::e2e) fn logs(&self) -> String {
        let logs = self.servers.iter().map(|(arn, server)| format!("{arn}: {}", server.log().display()));
        logs.collect::<Vec<_>>().join("\n")
    }
}

/// The clusters of an inventory, the hub first: it is the one with Applications.
pub(in crate::e2e) fn folders(inventory: &Path) -> Result<Vec<Folder>> {
    let mut folders = Vec::new();
    for account in entries(&inventory.join("clusters"))? {
        for region in entries(&account)? {
            for path in entries(&region)? {
                let described: Value =
                    serde_json::from_slice(&fs::read(path.join("eks/describe-cluster.json"))?)?;
                let arn = described.pointer("/cluster/arn").and_then(Value::as_str);
                folders.push(Folder { arn: arn.context("a cluster without ARN")?.to_owned(), path });
            }
        }
    }
    folders.sort_by_key(|folder| !folder.path.join("kubernetes/applications.yaml").exists());
    Ok(folders)
}

/// What EKS decided about the clusters of an inventory, as the front wants it.
pub(in crate::e2e) fn decided(inventory: &Path) -> Result<Value> {
    let mut decided = BTreeMap::new();
    for folder in folders(inventory)? {
        let described: Value =
            serde_json::from_slice(&fs::read(folder.path.join("eks/describe-cluster.json"))?)?;
        let field = |pointer: &str| described.pointer(pointer).cloned().unwrap_or_default();
        let of_cluster = json!({
            "endpoint": field("/cluster/endpoint"),
            "certificateAuthority": field("/cluster/certificateAuthority/data"),
            "issuer": field("/cluster/identity/oidc/issuer"),
        });
        decided.insert(folder.arn, of_cluster);
    }
    Ok(json!(decided))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut paths = listed.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Makes the objects of a cluster's Kubernetes files, but those that Kubernetes makes itself.
fn fill(cluster: &Kubectl, folder: &Path) -> Result<()> {
    cluster.apply("somebody", &definitions::missing(&folder.join("discovery"), &[])?)?;
    cluster.established()?;
    let mut objects = Vec::new();
    for path in entries(folder)?.iter().filter(|path| path.extension().is_some_and(|e| e == "yaml")) {
        for mut document in documents(&fs::read_to_string(path)?)? {
            let items = document.get_mut("items").map(Value::take).unwrap_or_default();
            objects.extend(serde_json::from_value::<Vec<Value>>(items)?.into_iter().filter(is_somebodys));
        }
    }
    for object in &mut objects {
        let metadata = object
            .get_mut("metadata")
            .and_then(Value::as_object_mut)
            .context("an object without metadata")?;
        for field in ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"] {
            metadata.remove(field);
        }
    }
    objects.extend(workloads(&objects));
    // Namespaces first; kubectl keeps the order.
    objects.sort_by_key(|object| object.get("kind").is_none_or(|kind| kind != "Namespace"));
    cluster.apply("somebody", &objects)
}

/// Whether Kubernetes doesn't make it in every cluster.
fn is_somebodys(object: &Value) -> bool {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let name = text("/metadata/name");
    let bootstrap = name.starts_with("system:") || ["admin", "cluster-admin", "edit", "view"].contains(&name);
    match text("/kind") {
        "ClusterRole" | "ClusterRoleBinding" => !bootstrap,
        "ServiceAccount" => name != "default",
        _ => !text("/metadata/namespace").starts_with("kube-"),
    }
}

/// Argo CD's workloads, in as far as somebody restarts them: the inventory has only their service accounts.
fn workloads(objects: &[Value]) -> Vec<Value> {
    let is_account = |object: &&Value| object.get("kind").is_some_and(|kind| kind == "ServiceAccount");
    let accounts = objects.iter().filter(is_account).filter_map(|object| object.get("metadata"));
    let argocds = accounts.filter(|metadata| {
        metadata.get("name").and_then(Value::as_str).is_some_and(|name| name.starts_with("argocd-"))
            && metadata.get("namespace").is_some_and(|namespace| namespace == "argocd")
    });
    argocds.map(|metadata| workload(metadata.get("name").unwrap_or(&Value::Null))).collect()
}

fn workload(name: &Value) -> Value {
    let kind = if name == "argocd-application-controller" { "StatefulSet" } else { "Deployment" };
    let labels = json!({ "app.kubernetes.io/name": name });
    json!({
        "apiVersion": "apps/v1", "kind": kind, "metadata": { "name": name, "namespace": "argocd" },
        "spec": {
            "replicas": 1, "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": { "serviceAccountName": name, "containers": [{ "name": "argocd", "image": "argocd" }] },
            },
        },
    })
}
