//! What the desired objects are worked out from: fleet, needs and inventory, each looked up once.

use std::collections::{BTreeMap, BTreeSet};

use argocd::{Identity, Needs};
use facts::{ClusterArn, Place, RoleArn};
use fleet::{Cluster, Fleet, Granularity, IdentityKind, Topology};
use rbac::PermissionSet;

use super::trust::ServiceAccount;
use crate::names;

/// How an API server is called from a pod of the same cluster.
pub(super) const IN_CLUSTER: &str = "https://kubernetes.default.svc";

/// A fleet with all that is known of it.
pub(super) struct Site<'a> {
    pub(super) fleet: &'a Fleet,
    /// Sorted by ARN.
    pub(super) spokes: Vec<Spoke<'a>>,
    pub(super) projects: Vec<Project>,
    pub(super) applications: Vec<App>,
    /// Of the hub, with `https://`.
    pub(super) issuer: Option<String>,
    /// Whether Applications sync as their projects' service accounts.
    pub(super) impersonation: bool,
    /// Keys of argocd-cm that the needs rest on.
    pub(super) settings: BTreeMap<String, String>,
    /// Repository Secrets of the hub that name a secret of Secrets Manager.
    pub(super) repository_secrets: Vec<RepositorySecret>,
}

/// A cluster that Argo CD deploys to, and what it needs there.
pub(super) struct Spoke<'a> {
    pub(super) arn: &'a ClusterArn,
    /// Absent for the hub, where Applications name it and the fleet file doesn't.
    pub(super) cluster: Option<&'a Cluster>,
    /// Whether Argo CD runs in it and uses its pods' service accounts.
    pub(super) in_cluster: bool,
    pub(super) needs: &'a Needs,
    pub(super) endpoint: Option<String>,
    pub(super) certificate_authority: Option<String>,
    /// The name of the live Secret that registers this cluster, if there is one.
    pub(super) secret: Option<String>,
    /// `accessConfig.authenticationMode`, where it is known.
    pub(super) authentication_mode: Option<String>,
}

/// An AppProject, as far as the plan touches it.
#[derive(Clone, Debug, Default)]
pub(super) struct Project {
    pub(super) name: String,
    pub(super) destinations: Vec<Destination>,
    pub(super) source_repos: Vec<String>,
    pub(super) service_accounts: Vec<DestinationServiceAccount>,
    pub(super) place: Option<Place>,
}

/// `spec.destinations[]` of an AppProject.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Destination {
    pub(super) server: String,
    pub(super) name: String,
    pub(super) namespace: String,
}

/// `spec.destinationServiceAccounts[]` of an AppProject.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DestinationServiceAccount {
    pub(super) server: String,
    pub(super) namespace: String,
    pub(super) default_service_account: String,
}

/// An Application, as far as the plan looks at it.
#[derive(Clone, Debug, Default)]
pub(super) struct App {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) project: String,
    pub(super) cluster: Option<ClusterArn>,
    /// `spec.destination.name`, where the Application names its cluster so.
    pub(super) destination_name: Option<String>,
    /// `spec.destination.namespace`, perhaps empty.
    pub(super) destination_namespace: String,
    /// Namespaces of all objects that it deploys, besides the destination's.
    pub(super) namespaces: BTreeSet<String>,
    pub(super) repositories: Vec<Repository>,
    /// Whether its manifests are known; else `namespaces` is incomplete.
    pub(super) is_rendered: bool,
    pub(super) ships_rbac: bool,
    pub(super) place: Option<Place>,
}

/// A source of an Application.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Repository {
    /// `repoURL`
    pub(super) url: String,
    /// `chart`, empty for Git.
    pub(super) chart: String,
}

/// A repository Secret whose credentials are in Secrets Manager (`secretArn`, EKS capability only).
#[derive(Clone, Debug)]
pub(super) struct RepositorySecret {
    pub(super) name: String,
    pub(super) secret: String,
}

/// The roles of the hub's two components that talk to clusters.
pub(super) struct HubRoles {
    pub(super) controller: RoleArn,
    pub(super) server: RoleArn,
}

impl Repository {
    /// With the chart: a Helm registry in ECR has one repository for each.
    pub(super) fn full(&self) -> String {
        match self.chart.as_str() {
            "" => self.url.clone(),
            chart => format!("{}/{chart}", self.url.trim_end_matches('/')),
        }
    }
}

impl HubRoles {
    pub(super) fn both(&self) -> [RoleArn; 2] {
        [self.controller.clone(), self.server.clone()]
    }
}

impl<'a> Site<'a> {
    pub(super) fn hub(&self) -> &'a ClusterArn {
        &self.fleet.hub.arn
    }

    pub(super) fn namespace(&self) -> &'a str {
        &self.fleet.hub.argocd.namespace
    }

    pub(super) fn pod_identity(&self) -> bool {
        self.fleet.hub.identity == IdentityKind::PodIdentity
    }

    /// The clusters that Argo CD reaches through IAM in one of these ways.
    pub(super) fn reached(&self, topologies: &[Topology]) -> impl Iterator<Item = (&Spoke<'a>, &'a Cluster)> {
        self.spokes
            .iter()
            .filter(|spoke| !spoke.in_cluster)
            .filter_map(|spoke| Some((spoke, spoke.cluster?)))
            .filter(move |(_, cluster)| topologies.contains(&cluster.topology))
    }

    /// Whether pods of the hub need roles of their own to reach clusters.
    pub(super) fn has_hub_roles(&self) -> bool {
        self.reached(&[Topology::Chained, Topology::Direct]).next().is_some()
    }

    pub(super) fn hub_roles(&self) -> HubRoles {
        HubRoles { controller: self.hub_role("controller"), server: self.hub_role("server") }
    }

    /// A role in the hub's account.
    pub(super) fn hub_role(&self, purpose: &str) -> RoleArn {
        self.role_in(&self.hub().account, names::role(self.hub(), purpose))
    }

    pub(super) fn capability_role(&self) -> RoleArn {
        self.fleet.hub.argocd.capability_role.clone().unwrap_or_else(|| self.hub_role("capability"))
    }

    /// The role through which Argo CD reaches a cluster of a chained topology.
    pub(super) fn spoke_role(&self, cluster: &ClusterArn) -> RoleArn {
        match self.fleet.granularity {
            Granularity::PerCluster => {
                self.role_in(&cluster.account, names::cluster_role(self.hub(), cluster))
            }
            Granularity::PerAccount => self.role_in(&cluster.account, names::role(self.hub(), "spoke")),
            Granularity::Shared => self.hub_role("spokes"),
        }
    }

    pub(super) fn role_in(&self, account: &facts::AccountId, name: String) -> RoleArn {
        RoleArn { partition: self.hub().partition, account: account.clone(), path: "/".to_owned(), name }
    }

    pub(super) fn controller(&self) -> ServiceAccount {
        self.service_account(&self.fleet.hub.argocd.controller_service_account)
    }

    pub(super) fn server(&self) -> ServiceAccount {
        self.service_account(&self.fleet.hub.argocd.server_service_account)
    }

    fn service_account(&self, name: &str) -> ServiceAccount {
        ServiceAccount { namespace: self.namespace().to_owned(), name: name.to_owned() }
    }

    pub(super) fn spoke(&self, arn: &ClusterArn) -> Option<&Spoke<'a>> {
        self.spokes.iter().find(|spoke| spoke.arn == arn)
    }
}

impl Spoke<'_> {
    /// What Argo CD calls it: `server` of its Secret and of destinations.
    pub(super) fn server(&self) -> Option<String> {
        if self.in_cluster {
            return Some(IN_CLUSTER.to_owned());
        }
        match self.cluster?.topology {
            Topology::Capability => Some(self.arn.to_string()),
            Topology::Chained | Topology::Direct => {
                self.endpoint.as_ref().map(|url| url.trim_end_matches('/').to_owned())
            }
        }
    }

    /// Its name in Argo CD; the hub without a Secret is `in-cluster`.
    pub(super) fn name(&self) -> &str {
        self.cluster.map_or("in-cluster", |cluster| &cluster.name)
    }

    /// All that some identities need here.
    pub(super) fn permissions(&self, wanted: impl Fn(&Identity) -> bool) -> PermissionSet {
        let needs = self.needs.needs.iter().filter(|need| wanted(&need.identity));
        needs.map(|need| need.permission.clone()).collect()
    }
}
