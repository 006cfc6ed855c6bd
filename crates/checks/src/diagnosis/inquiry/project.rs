//! What an AppProject permits, as Argo CD decides it (pkg/apis/application/v1alpha1/app_project_types.go).

use access::{At, Hop, Passes};
use argocd::{AppProject, ClusterSecret};
use facts::{ClusterArn, Gap};
use inventory::{Discovery, Inventory, KubernetesObject};
use serde_json::{Value, json};

use super::Inquiry;
use crate::diagnosis::{change::Change, diagnosed::Diagnosed};

/// Something that an AppProject has to permit.
#[derive(Clone, Debug)]
pub(crate) struct Permit {
    hub: ClusterArn,
    namespace: String,
    project: String,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Destination { server: String, cluster: String, namespace: String },
    Kind { group: String, kind: String, namespaced: bool },
    Source(String),
    Account { server: String, namespace: String },
}

impl Permit {
    /// What an error says that a project doesn't permit; `None` where it says nothing that can be asked.
    pub(super) fn of(inquiry: &Inquiry<'_>, error: &Diagnosed) -> Option<Result<Self, Gap>> {
        let what = match error.signature.id {
            "project-destination" | "project-namespace" => destination(inquiry, error)?,
            "impersonation-no-account" => What::Account {
                server: error.part("server")?.to_owned(),
                namespace: error.part("namespace")?.to_owned(),
            },
            "project-source" => What::Source(error.part("repo")?.to_owned()),
            "project-kind" => match kind(inquiry, error)? {
                Ok(kind) => kind,
                Err(gap) => return Some(Err(gap)),
            },
            _ => return None,
        };
        let argocd = match inquiry.argocd() {
            Ok(argocd) => argocd,
            Err(gap) => return Some(Err(gap)),
        };
        let by_application = || inquiry.application(error)?.body.text("/spec/project");
        let Some(project) = error.part("project").map(str::to_owned).or_else(by_application) else {
            let gap = Gap::new("which AppProject it is", "the message doesn't name it");
            return Some(Err(gap.filled_by("the Application with its conditions: argocd app get -o json")));
        };
        let (hub, namespace) = (argocd.hub.clone(), argocd.namespace.clone());
        Some(Ok(Self { hub, namespace, project, what }))
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        format!("whether AppProject `{}` permits {}", self.project, self.what.words())
    }

    /// Whether it does.
    pub(super) fn hop(&self, inventory: &Inventory) -> Hop {
        let at = if matches!(self.what, What::Account { .. }) { At::Impersonation } else { At::Project };
        let hop = |passes, by, place| Hop { place, ..Hop::new(at, passes, by) };
        let object = match self.object(inventory) {
            Ok(Some(object)) => object,
            Ok(None) => return hop(Passes::No, format!("there is no AppProject `{}`", self.project), None),
            Err(gap) => {
                return hop(
                    Passes::Unknown { missing: vec![gap] },
                    format!("AppProject `{}`", self.project),
                    None,
                );
            }
        };
        let place = Some(object.place.clone());
        let Some(project) = parsed(object) else {
            return hop(Passes::No, format!("AppProject `{}` can't be read", self.project), place);
        };
        let secrets = self.secrets(inventory);
        let own: Vec<(&str, &str)> = secrets
            .iter()
            .filter(|secret| secret.project.as_deref() == Some(&self.project))
            .map(|secret| (secret.server.as_str(), secret.name.as_str()))
            .collect();
        let project = project.with_clusters(&secrets);
        let permits = match &self.what {
            What::Destination { server, cluster, namespace } => {
                project.is_destination_permitted(server, cluster, namespace, &own)
            }
            What::Kind { group, kind, namespaced } => {
                project.is_group_kind_permitted(group, kind, "", *namespaced)
            }
            What::Source(repo) => project.is_source_permitted(repo),
            What::Account { server, namespace } => {
                matches!(
                    argocd::SyncIdentity::account(&project, server, namespace, &self.namespace),
                    Ok(Some(_))
                )
            }
        };
        let word = if permits { "permits" } else { "doesn't permit" };
        let passes = if permits { Passes::Yes } else { Passes::No };
        hop(passes, format!("AppProject `{}` {word} {}", self.project, self.what.words()), place)
    }

    /// The item that permits it and nothing else. Which service account is to be impersonated nobody can tell.
    pub(super) fn change(&self, inventory: &Inventory) -> Option<Change> {
        let (list, item) = match &self.what {
            What::Destination { server, namespace, .. } => {
                ("destinations", json!({"server": server, "namespace": namespace}))
            }
            What::Kind { group, kind, namespaced: false } => {
                ("clusterResourceWhitelist", json!({"group": group, "kind": kind}))
            }
            What::Kind { group, kind, .. } => {
                ("namespaceResourceWhitelist", json!({"group": group, "kind": kind}))
            }
            What::Source(repo) => ("sourceRepos", Value::from(repo.as_str())),
            What::Account { .. } => return None,
        };
        let (hub, namespace, name) = (self.hub.clone(), self.namespace.clone(), self.project.clone());
        let object = self.object(inventory).ok().flatten();
        let is_first = object.is_some_and(|own| own.body.at(&format!("/spec/{list}")).is_none());
        Some(Change::Project { hub, namespace, name, list, item, is_first })
    }

    fn object<'i>(&self, inventory: &'i Inventory) -> Result<Option<&'i KubernetesObject>, Gap> {
        object(inventory, &self.hub, &self.namespace, &self.project)
    }

    fn secrets(&self, inventory: &Inventory) -> Vec<ClusterSecret> {
        let hub = self.hub.clone();
        let argocd = inventory.clusters.get(&hub).and_then(|cluster| access::Installation::on(&hub, cluster));
        let inquiry = Inquiry { inventory, argocd, cluster: None };
        inquiry.secrets().into_iter().map(|(_, secret)| secret).collect()
    }
}

impl What {
    fn words(&self) -> String {
        match self {
            Self::Destination { server, namespace, .. } => format!("namespace `{namespace}` on `{server}`"),
            Self::Kind { group, kind, .. } if group.is_empty() => format!("the kind `{kind}`"),
            Self::Kind { group, kind, .. } => format!("the kind `{kind}.{group}`"),
            Self::Source(repo) => format!("the repository `{repo}`"),
            Self::Account { server, namespace } => {
                format!("a service account for namespace `{namespace}` on `{server}`")
            }
        }
    }
}

/// An AppProject of an Argo CD; `None` where there is none, or nobody can read it.
///
/// # Errors
/// Where the inventory hasn't got them.
pub(super) fn named(
    inventory: &Inventory,
    argocd: &access::Installation,
    name: &str,
) -> Result<Option<AppProject>, Gap> {
    Ok(object(inventory, &argocd.hub, &argocd.namespace, name)?.and_then(parsed))
}

fn object<'i>(
    inventory: &'i Inventory,
    hub: &ClusterArn,
    namespace: &str,
    name: &str,
) -> Result<Option<&'i KubernetesObject>, Gap> {
    let own = inventory.clusters.get(hub);
    let own = own.ok_or_else(|| Gap::new(format!("`{hub}`"), "it isn't in the inventory"))?;
    own.kubernetes.list("appprojects")?;
    Ok(own.kubernetes.find("appprojects", Some(namespace), name))
}

fn parsed(object: &KubernetesObject) -> Option<AppProject> {
    let mut project = None;
    object.read(&mut |read| {
        if let Ok(object) = read {
            project = AppProject::parse(&object).ok();
        }
    });
    project
}

/// The error names the server, or stands beside an Application of the cluster.
fn destination(inquiry: &Inquiry<'_>, error: &Diagnosed) -> Option<What> {
    let namespace = error.part("namespace")?.to_owned();
    let secrets = inquiry.secrets();
    let is = |secret: &ClusterSecret| {
        error.part("server").is_some_and(|server| secret.server == server.trim_end_matches('/'))
            || error.part("cluster").is_some_and(|cluster| secret.name == cluster)
    };
    let own = secrets.into_iter().map(|(_, secret)| secret).find(is);
    let (server, cluster) = match own {
        Some(secret) => (secret.server, secret.name),
        None => (error.part("server")?.to_owned(), String::new()),
    };
    Some(What::Destination { server, cluster, namespace })
}

/// Which of the lists counts hangs on the kind's scope, which discovery tells.
fn kind(inquiry: &Inquiry<'_>, error: &Diagnosed) -> Option<Result<What, Gap>> {
    let (group, kind) = (error.part("group")?, error.part("kind")?);
    let served =
        inquiry.inventory.clusters.values().filter_map(|cluster| cluster.kubernetes.discovery.as_ref());
    let mut all = served.chain([Discovery::builtin()]).flat_map(Discovery::iter);
    let found = all.find(|own| own.group == group && own.kind == kind);
    Some(found.map_or_else(
        || {
            Err(Gap::new(format!("whether `{kind}` is in namespaces"), "no cluster's discovery has it")
                .filled_by("kubectl get --raw /apis/GROUP/VERSION"))
        },
        |found| {
            Ok(What::Kind { group: group.to_owned(), kind: kind.to_owned(), namespaced: found.namespaced })
        },
    ))
}
