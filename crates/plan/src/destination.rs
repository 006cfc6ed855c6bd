//! Which cluster of the fleet an Application's destination means.

use std::collections::HashMap;

use argocd::Application;
use facts::{ClusterArn, Problem};
use fleet::{Cluster, Fleet, Install, Topology};
use inventory::Inventory;

/// How Argo CD calls the cluster that it runs in.
const IN_CLUSTER: &str = "https://kubernetes.default.svc";

/// The fleet's clusters by the names that destinations use.
pub(crate) struct Destinations<'a> {
    fleet: &'a Fleet,
    inventory: Option<&'a Inventory>,
    by_name: HashMap<&'a str, &'a ClusterArn>,
    /// By ARN, and by URL in lower case without a slash at its end.
    by_server: HashMap<String, &'a ClusterArn>,
}

impl<'a> Destinations<'a> {
    pub(crate) fn new(fleet: &'a Fleet, inventory: Option<&'a Inventory>) -> Self {
        let mut known = Self { fleet, inventory, by_name: HashMap::new(), by_server: HashMap::new() };
        for cluster in fleet.all_clusters() {
            known.by_name.entry(&cluster.name).or_insert(&cluster.arn);
            let url = known.endpoint(cluster).map(normal);
            for server in [Some(cluster.arn.to_string()), url].into_iter().flatten() {
                known.by_server.entry(server).or_insert(&cluster.arn);
            }
        }
        known
    }

    /// The cluster that an Application deploys to.
    ///
    /// # Errors
    /// Where it names none, or one that isn't in the fleet.
    pub(crate) fn resolve(&self, application: &Application) -> Result<&'a ClusterArn, Problem> {
        let destination = &application.destination;
        let problem = |message: String| Problem::new(destination.place.clone(), message);
        match (destination.server.as_str(), destination.name.as_str()) {
            ("", "") => Err(problem(format!("the destination of `{}` names no cluster", application.name))
                .with_help("give it a `server` or a `name`")),
            ("", name) => self.by_name(name).ok_or_else(|| {
                problem(format!(
                    "the destination of `{}` is `{name}`, which is no cluster of this fleet",
                    application.name
                ))
                .with_help(self.suggest(name))
            }),
            (server, "") => self.by_server(server).ok_or_else(|| {
                problem(format!(
                    "the destination of `{}` is `{server}`, which is no cluster of this fleet",
                    application.name
                ))
                .with_help(self.suggest(server))
            }),
            _ => Err(problem(format!(
                "the destination of `{}` has both `server` and `name`",
                application.name
            ))
            .with_help("Argo CD refuses that: leave one of them out")),
        }
    }

    fn by_name(&self, name: &str) -> Option<&'a ClusterArn> {
        match self.by_name.get(name) {
            Some(arn) => Some(arn),
            None if name == "in-cluster" => self.hub(),
            None => None,
        }
    }

    fn by_server(&self, server: &str) -> Option<&'a ClusterArn> {
        if server.trim_end_matches('/') == IN_CLUSTER {
            return self.hub();
        }
        self.by_server.get(server).or_else(|| self.by_server.get(&normal(server))).copied()
    }

    /// The EKS capability doesn't run in the hub, so that nothing there is "in-cluster" (EKS User Guide,
    /// "Register target clusters").
    fn hub(&self) -> Option<&'a ClusterArn> {
        (self.fleet.hub.argocd.install == Install::SelfManaged).then_some(&self.fleet.hub.arn)
    }

    /// By what Argo CD knows it. Of the hub that is an address that only its pods know; the endpoint is the nearest to it.
    pub(crate) fn server(&self, cluster: &'a Cluster) -> Option<String> {
        server(cluster, self.endpoint(cluster))
    }

    /// The API server's URL, from the fleet file or else from the inventory.
    pub(crate) fn endpoint(&self, cluster: &'a Cluster) -> Option<&'a str> {
        let described =
            || self.inventory?.clusters.get(&cluster.arn)?.description.known()?.endpoint.as_deref();
        cluster.endpoint.as_deref().or_else(described)
    }

    fn suggest(&self, wanted: &str) -> String {
        let names = || self.fleet.all_clusters().map(|cluster| cluster.name.as_str());
        match manifest::nearest(wanted, names()) {
            Some(name) => format!("did you mean `{name}`? else add the cluster to the fleet file"),
            None => "add the cluster to the fleet file, with its `endpoint` if Applications name it by URL"
                .to_owned(),
        }
    }
}

/// `server` of the Secret of a cluster that Argo CD doesn't run in.
pub(crate) fn server(cluster: &Cluster, endpoint: Option<&str>) -> Option<String> {
    match cluster.topology {
        Topology::Capability => Some(cluster.arn.to_string()),
        Topology::Chained | Topology::Direct => Some(endpoint?.trim_end_matches('/').to_owned()),
    }
}

fn normal(url: &str) -> String {
    url.trim_end_matches('/').to_ascii_lowercase()
}
