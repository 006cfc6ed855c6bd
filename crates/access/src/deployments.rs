//! What the Argo CD of a hub deploys, and as whom: its settings, projects and Applications, as the hub has them.

use std::collections::BTreeMap;

use argocd::{AppProject, Application, ClusterSecret};
use facts::{Gap, Problem};
use inventory::{Cluster, KubernetesObject};
use manifest::Object;

use crate::{
    cluster_secret::{self, Found},
    installation::Installation,
};

/// Argo CD's objects on its hub.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deployments {
    pub(crate) projects: BTreeMap<String, AppProject>,
    pub(crate) applications: Vec<Application>,
    /// All cluster Secrets.
    pub(crate) secrets: Vec<Found>,
    /// Whether Applications sync as service accounts of their projects.
    pub(crate) impersonates: bool,
    /// Whether one for which no service account is named doesn't sync then.
    pub(crate) enforced: bool,
    /// What wasn't read.
    pub(crate) gaps: Vec<Gap>,
}

impl Deployments {
    pub(crate) fn of(argocd: &Installation, hub: &Cluster) -> Self {
        let mut gaps = Vec::new();
        let mut list = |resource: &str| match hub.kubernetes.list(resource) {
            Ok(objects) => objects,
            Err(gap) => {
                gaps.push(gap);
                &[]
            }
        };
        let projects = list("appprojects").iter().filter_map(|object| parsed(object, AppProject::parse));
        let projects: Vec<AppProject> = projects.collect();
        let applications =
            list("applications").iter().filter_map(|object| parsed(object, Application::parse)).collect();
        list("configmaps");
        let settings = hub.kubernetes.find("configmaps", Some(&argocd.namespace), "argocd-cm");
        let settings = settings.and_then(|map| map.body.at("/data"));
        let setting = |key: &str| settings.as_ref()?.get(key)?.as_str();
        let secrets = cluster_secret::all(list("secrets"), &argocd.namespace);
        let clusters = || secrets.iter().map(|found| &found.secret);
        let opened = projects.into_iter().map(|project| project.with_clusters(clusters()));
        Self {
            projects: opened.map(|project| (project.name.clone(), project)).collect(),
            applications,
            impersonates: setting("application.sync.impersonation.enabled") == Some("true"),
            enforced: setting("application.sync.impersonation.enforced") != Some("false"),
            secrets,
            gaps,
        }
    }

    /// The Applications whose destination is a cluster, by its server or its name.
    pub(crate) fn to<'d>(&'d self, secret: &'d ClusterSecret) -> impl Iterator<Item = &'d Application> {
        self.applications.iter().filter(move |application| {
            let destination = &application.destination;
            let by_name = destination.server.is_empty() && !destination.name.is_empty();
            if by_name {
                is_named(secret, &destination.name)
            } else {
                destination.server.trim_end_matches('/') == secret.server
            }
        })
    }

    /// Whether a project lets Applications deploy to a namespace of a cluster.
    pub(crate) fn permits(&self, project: &AppProject, secret: &ClusterSecret, namespace: &str) -> bool {
        let own = self
            .secrets
            .iter()
            .map(|found| &found.secret)
            .filter(|cluster| cluster.project.as_deref() == Some(&project.name));
        let own: Vec<(&str, &str)> =
            own.map(|cluster| (cluster.server.as_str(), cluster.name.as_str())).collect();
        project.is_destination_permitted(&secret.server, name_of(secret), namespace, &own)
    }
}

/// The hub is called `in-cluster` where no Secret names it (util/db/cluster.go, `getLocalCluster`).
fn name_of(secret: &ClusterSecret) -> &str {
    let unnamed = secret.name.is_empty() && secret.server == argocd::IN_CLUSTER_SERVER;
    if unnamed { "in-cluster" } else { &secret.name }
}

fn is_named(secret: &ClusterSecret, name: &str) -> bool {
    name_of(secret) == name
}

/// An object that isn't of its kind's shape is none to Argo CD.
fn parsed<T>(object: &KubernetesObject, parse: impl Fn(&Object<'_>) -> Result<T, Problem>) -> Option<T> {
    let mut found = None;
    object.read(&mut |read| found = read.ok().and_then(|read| parse(&read).ok()));
    found
}
