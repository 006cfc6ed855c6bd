//! What the plans of the example fleets want of Argo CD. What is expected comes from the fleet file, the clusters'
//! descriptions and the plan's access entries and bindings, not from the Secrets.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use argocd::IN_CLUSTER_SERVER;
use fleet::{ApplicationSource, Cluster, Fleet, Install, Topology};
use serde_json::{Value, json};

use super::{
    Asked, impersonation,
    secrets::{Connection, argocd_k8s_auth, pem},
    value,
};
use crate::e2e::{
    enough::case::{documents, text},
    suite::Ground,
};

const FLEETS: [&str; 3] = ["acme/fleet.yaml", "acme/fleet-irsa.yaml", "capability/fleet.yaml"];

/// All questions about all fleets.
pub(super) fn questions(ground: &Ground<'_>) -> Result<Vec<Asked>> {
    let oarlock = ground.oarlock()?;
    let mut questions = Vec::new();
    for path in FLEETS {
        let fleet = Planned::read(&oarlock, &ground.examples().join(path))?;
        let more = fleet.secrets().and_then(|secrets| Ok([secrets, fleet.applications()?]));
        questions.extend(more.with_context(|| path.to_owned())?.into_iter().flatten());
    }
    Ok(questions)
}

/// A fleet with its plan.
struct Planned {
    fleet: Fleet,
    /// The folder of its file.
    base: PathBuf,
    /// What is wanted.
    objects: Vec<Wanted>,
}

struct Wanted {
    /// The cluster's ARN, for what is in a cluster.
    cluster: Option<String>,
    object: Value,
}

impl Planned {
    fn read(oarlock: &Path, path: &Path) -> Result<Self> {
        let base = path.parent().context("a fleet file without folder")?.to_owned();
        let file: Arc<str> = path.to_string_lossy().into();
        let fleet = Fleet::parse(&file, &fs::read(path)?).map_err(|problems| anyhow!("{problems:?}"))?;
        let mut command = Command::new(oarlock);
        let command = command.arg("plan").arg("-f").arg(path).arg("-i").arg(base.join("inventory"));
        let ran = command.args(["-o", "json"]).output()?;
        // Findings and gaps have statuses of their own, and the plan is printed all the same.
        if !ran.status.code().is_some_and(|code| [0, 4, 5].contains(&code)) {
            bail!("oarlock plan -f {file}: {}", String::from_utf8_lossy(&ran.stderr));
        }
        let plan: Value = serde_json::from_slice(&ran.stdout)?;
        let steps = plan.get("steps").and_then(Value::as_array).context("a plan without steps")?;
        let wanted = |step: &Value| {
            let cluster = step.pointer("/desired/location/cluster").and_then(Value::as_str);
            let object = step.pointer("/desired/object")?.clone();
            Some(Wanted { cluster: cluster.map(str::to_owned), object })
        };
        Ok(Self { fleet, base, objects: steps.iter().filter_map(wanted).collect() })
    }

    /// A question for each cluster's Secret; each cluster but the one that Argo CD is in by itself has one.
    fn secrets(&self) -> Result<Vec<Asked>> {
        let mut secrets: BTreeMap<&str, &Value> = BTreeMap::new();
        for (_, secret) in self.kubernetes("Secret") {
            secrets.insert(text(secret, "/stringData/name")?, secret);
        }
        let registered: Vec<_> =
            self.fleet.clusters.iter().filter(|cluster| !self.is_in_cluster(cluster)).collect();
        ensure!(
            secrets.len() == registered.len(),
            "{} Secrets for {} clusters",
            secrets.len(),
            registered.len()
        );
        let question = |cluster: &&Cluster| {
            let secret =
                secrets.get(&*cluster.name).with_context(|| format!("{} has no Secret", cluster.name))?;
            let (question, ours) = (json!({ "clusterSecret": secret }), value(self.expected(cluster)?));
            Ok(Asked { kind: "cluster Secrets that the plan wants", question, ours })
        };
        registered.iter().map(question).collect()
    }

    /// How Argo CD must understand a cluster's Secret.
    fn expected(&self, cluster: &Cluster) -> Result<Value> {
        let server = self.server(cluster)?;
        let mut labels = cluster.labels.clone();
        labels.insert("app.kubernetes.io/managed-by".to_owned(), "oarlock".to_owned());
        labels.insert("oarlock.dev/fleet".to_owned(), self.fleet.name.clone());
        let mut connection = Connection { host: &server, ..Connection::default() };
        if cluster.topology != Topology::Capability {
            let description = self.description(cluster)?;
            connection.ca_data = pem(text(&description, "/cluster/certificateAuthority/data")?)?;
            let mut args = vec!["aws", "--cluster-name", &cluster.arn.name];
            if cluster.topology == Topology::Chained {
                args.extend(["--role-arn", self.principal(cluster)?]);
            }
            connection.exec = Some(argocd_k8s_auth(args));
        }
        Ok(json!({
            "name": cluster.name, "server": server, "namespaces": cluster.namespaces,
            "clusterResources": cluster.cluster_resources, "project": cluster.project.as_deref().unwrap_or_default(),
            "shard": null, "labels": labels, "annotations": {}, "disableCompression": false, "proxyUrl": "",
            "connection": connection.to_json(),
        }))
    }

    /// A cluster as Argo CD knows it, for what projects permit.
    fn registered(&self, cluster: &Cluster) -> Result<Value> {
        Ok(json!({ "server": self.server(cluster)?, "name": cluster.name, "project": cluster.project }))
    }

    /// The one principal that a cluster's access entries let in.
    fn principal(&self, cluster: &Cluster) -> Result<&str> {
        let arn = cluster.arn.to_string();
        let entries = self.objects.iter().map(|wanted| &wanted.object).filter(|object| {
            object.get("type").is_some_and(|kind| kind == "access-entry")
                && object.get("cluster").is_some_and(|cluster| *cluster == *arn)
        });
        match entries.collect::<Vec<_>>().as_slice() {
            [entry] => text(entry, "/principal"),
            entries => bail!("{arn} has {} access entries", entries.len()),
        }
    }

    /// Two questions for each Application, as whom it is synced and whether its project permits where to; and whether
    /// the plan gives rights to exactly those service accounts.
    fn applications(&self) -> Result<Vec<Asked>> {
        let projects = self.projects()?;
        let registered: Vec<_> =
            self.fleet.clusters.iter().map(|cluster| self.registered(cluster)).collect::<Result<_>>()?;
        let (mut questions, mut derived) = (Vec::new(), BTreeSet::new());
        for application in self.deployed()? {
            let cluster = self.destination(&application)?;
            let server = self.server(cluster)?;
            let project = projects.get(text(&application, "/spec/project")?).context("no such project")?;
            let namespace = text(&application, "/spec/destination/namespace")?;
            questions.push(Asked {
                kind: "destinations that the plan permits",
                question: json!({ "permitted": {
                    "project": project, "clusters": registered,
                    "destination": { "server": server, "name": cluster.name, "namespace": namespace },
                } }),
                ours: value(true),
            });
            if self.fleet.impersonation == Some(true) {
                let kind = "accounts that the plan creates";
                let asked = impersonation::question(kind, project, &application, &server)?;
                derived.insert((cluster.arn.to_string(), text(&asked.ours, "/value")?.to_owned()));
                questions.push(asked);
            }
        }
        let bound = self.bound()?;
        ensure!(derived == bound, "synced as {derived:?}, and the plan gives rights to {bound:?}");
        Ok(questions)
    }

    /// The service accounts that planned bindings name, besides Argo CD's own on the hub.
    fn bound(&self) -> Result<BTreeSet<(String, String)>> {
        let mut bound = BTreeSet::new();
        for (cluster, binding) in self.kubernetes("RoleBinding").chain(self.kubernetes("ClusterRoleBinding"))
        {
            let subjects = binding.get("subjects").and_then(Value::as_array);
            let accounts = subjects
                .into_iter()
                .flatten()
                .filter(|subject| subject.get("kind").is_some_and(|kind| kind == "ServiceAccount"));
            for account in accounts {
                let (namespace, name) = (text(account, "/namespace")?, text(account, "/name")?);
                if namespace != self.fleet.hub.argocd.namespace {
                    bound.insert((cluster.to_owned(), impersonation::user(namespace, name)));
                }
            }
        }
        Ok(bound)
    }

    /// The Applications of all files.
    fn deployed(&self) -> Result<Vec<Value>> {
        let mut deployed = Vec::new();
        for source in &self.fleet.applications {
            let ApplicationSource::Files { path, .. } = source else { bail!("Applications without a file") };
            deployed.extend(documents(&fs::read_to_string(self.base.join(path))?)?);
        }
        deployed.retain(|object| object.get("kind").is_some_and(|kind| kind == "Application"));
        Ok(deployed)
    }

    /// The projects as they are after the plan, by name: as written, with the fields that the plan sets.
    fn projects(&self) -> Result<BTreeMap<String, Value>> {
        let mut projects = BTreeMap::new();
        for pattern in &self.fleet.projects {
            for file in files(&self.base.join(pattern))? {
                for project in documents(&fs::read_to_string(file)?)? {
                    projects.insert(text(&project, "/metadata/name")?.to_owned(), project);
                }
            }
        }
        for (_, planned) in self.kubernetes("AppProject") {
            let name = text(planned, "/metadata/name")?;
            let written = projects.entry(name.to_owned()).or_insert_with(|| planned.clone());
            let (spec, fields) = (written.pointer_mut("/spec"), planned.pointer("/spec"));
            if let (Some(Value::Object(spec)), Some(Value::Object(fields))) = (spec, fields) {
                spec.extend(fields.clone());
            }
        }
        Ok(projects)
    }

    fn destination(&self, application: &Value) -> Result<&Cluster> {
        let field = |pointer| application.pointer(pointer).and_then(Value::as_str);
        for cluster in &self.fleet.clusters {
            let server = self.server(cluster)?;
            let by_server = field("/spec/destination/server").map(|url| url.trim_end_matches('/'));
            if by_server == Some(&server) || field("/spec/destination/name") == Some(&cluster.name) {
                return Ok(cluster);
            }
        }
        bail!("no cluster is the destination of {application}")
    }

    /// By what URL Argo CD knows a cluster.
    fn server(&self, cluster: &Cluster) -> Result<String> {
        if cluster.topology == Topology::Capability {
            return Ok(cluster.arn.to_string());
        }
        if self.is_in_cluster(cluster) {
            return Ok(IN_CLUSTER_SERVER.to_owned());
        }
        Ok(text(&self.description(cluster)?, "/cluster/endpoint")?.to_owned())
    }

    /// The AWS CLI's description of a cluster.
    fn description(&self, cluster: &Cluster) -> Result<Value> {
        let arn = &cluster.arn;
        let folder = format!("inventory/clusters/{}/{}/{}", arn.account, arn.region, arn.name);
        let path = self.base.join(folder).join("eks/describe-cluster.json");
        Ok(serde_json::from_slice(&fs::read(&path).with_context(|| path.display().to_string())?)?)
    }

    /// Argo CD reaches its own cluster without AWS, unless AWS runs it.
    fn is_in_cluster(&self, cluster: &Cluster) -> bool {
        cluster.arn == self.fleet.hub.arn && self.fleet.hub.argocd.install != Install::EksCapability
    }

    /// What is wanted of a kind, with its cluster.
    fn kubernetes<'p>(&'p self, kind: &'p str) -> impl Iterator<Item = (&'p str, &'p Value)> {
        let of_kind = move |wanted: &&Wanted| wanted.object.get("kind").is_some_and(|k| k == kind);
        let found = self.objects.iter().filter(of_kind);
        found.filter_map(|wanted| Some((wanted.cluster.as_deref()?, wanted.object.get("body")?)))
    }
}

/// The files of a folder, for a pattern that ends with `*.yaml`, or the one that is named.
fn files(pattern: &Path) -> Result<Vec<PathBuf>> {
    if !pattern.ends_with("*.yaml") {
        return Ok(vec![pattern.to_owned()]);
    }
    let folder = pattern.parent().context("a pattern without folder")?;
    Ok(fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?)
}
