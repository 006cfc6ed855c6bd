//! Which cluster of the fleet an Application's destination means.

use argocd::Application;
use facts::{ClusterArn, Problem};
use fleet::{Cluster, Fleet, Install};
use inventory::Inventory;

/// How Argo CD calls the cluster that it runs in.
const IN_CLUSTER: &str = "https://kubernetes.default.svc";

/// The fleet's clusters by the names that destinations use.
pub(crate) struct Destinations<'a> {
    fleet: &'a Fleet,
    inventory: Option<&'a Inventory>,
}

impl<'a> Destinations<'a> {
    pub(crate) fn new(fleet: &'a Fleet, inventory: Option<&'a Inventory>) -> Self {
        Self { fleet, inventory }
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
        let cluster = self.fleet.clusters.iter().find(|cluster| cluster.name == name);
        match cluster {
            Some(cluster) => Some(&cluster.arn),
            None if name == "in-cluster" => self.hub(),
            None => None,
        }
    }

    fn by_server(&self, server: &str) -> Option<&'a ClusterArn> {
        let server = server.trim_end_matches('/');
        if server == IN_CLUSTER {
            return self.hub();
        }
        let is_it = |cluster: &&Cluster| {
            cluster.arn.to_string() == server
                || self
                    .endpoint(cluster)
                    .is_some_and(|url| url.trim_end_matches('/').eq_ignore_ascii_case(server))
        };
        self.fleet.clusters.iter().find(is_it).map(|cluster| &cluster.arn)
    }

    /// The EKS capability doesn't run in the hub, so that nothing there is "in-cluster" (EKS User Guide,
    /// "Register target clusters").
    fn hub(&self) -> Option<&'a ClusterArn> {
        (self.fleet.hub.argocd.install == Install::SelfManaged).then_some(&self.fleet.hub.arn)
    }

    /// The API server's URL, from the fleet file or else from the inventory.
    pub(crate) fn endpoint(&self, cluster: &'a Cluster) -> Option<&'a str> {
        let described =
            || self.inventory?.clusters.get(&cluster.arn)?.description.known()?.endpoint.as_deref();
        cluster.endpoint.as_deref().or_else(described)
    }

    fn suggest(&self, wanted: &str) -> String {
        let names = || self.fleet.clusters.iter().map(|cluster| cluster.name.as_str());
        match manifest::nearest(wanted, names()) {
            Some(name) => format!("did you mean `{name}`? else add the cluster to the fleet file"),
            None => "add the cluster to the fleet file, with its `endpoint` if Applications name it by URL"
                .to_owned(),
        }
    }
}
