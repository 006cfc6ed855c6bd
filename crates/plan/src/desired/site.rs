//! What the desired objects are worked out from: fleet, needs and inventory, each looked up once.

use std::collections::{BTreeMap, BTreeSet};

use argocd::{
    AppProject, Application, CachedKind, ClusterSecret, Deployment, IN_CLUSTER_SERVER, Identity, Source,
};
use facts::{ClusterArn, RoleArn};
use fleet::{Cluster, Fleet, Granularity, IdentityKind, Topology};
use inventory::{Capability, IamRole, Inventory, Known};
use rbac::PermissionSet;

use super::{
    repository_secret::RepositorySecret,
    today::{PodRole, Today},
    trust::ServiceAccount,
};
use crate::{CompactNeeds, destination, names};

/// A fleet with all that is known of it.
pub(super) struct Site<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) inventory: Option<&'a Inventory>,
    /// Sorted by ARN.
    pub(super) spokes: Vec<Spoke<'a>>,
    pub(super) projects: &'a [AppProject],
    /// Sorted by cluster.
    pub(super) applications: Vec<App<'a>>,
    /// Of the hub, with `https://`.
    pub(super) issuer: Option<String>,
    /// Whether Applications sync as their projects' service accounts.
    pub(super) impersonation: bool,
    /// Keys of argocd-cm that the needs rest on.
    pub(super) settings: BTreeMap<String, String>,
    /// By which role pods of controller and server come to AWS today, in this order.
    pub(super) today: Vec<(ServiceAccount, Today)>,
    /// Repository Secrets of the hub.
    pub(super) repository_secrets: Vec<RepositorySecret>,
    /// By ARN, the secrets of Secrets Manager that somebody described, with the KMS keys of those that have their own.
    pub(super) secret_keys: BTreeMap<String, Option<String>>,
    /// The live capabilities of the hub; absent without an inventory of it.
    pub(super) capabilities: Option<&'a Known<BTreeMap<String, Capability>>>,
    /// The role of the EKS capability, where the fleet file or the inventory says it.
    pub(super) capability_role: Option<RoleArn>,
}

/// A cluster that Argo CD deploys to, and what it needs there.
pub(super) struct Spoke<'a> {
    pub(super) arn: &'a ClusterArn,
    /// Absent for the hub, where Applications name it and the fleet file doesn't.
    pub(super) cluster: Option<&'a Cluster>,
    /// Whether Argo CD runs in it and uses its pods' service accounts.
    pub(super) in_cluster: bool,
    pub(super) needs: &'a CompactNeeds,
    pub(super) cached_kinds: &'a [CachedKind],
    pub(super) endpoint: Option<String>,
    pub(super) certificate_authority: Option<String>,
    /// The live Secret that registers this cluster, if there is one.
    pub(super) secret: Option<LiveSecret>,
    /// `accessConfig.authenticationMode`, where it is known.
    pub(super) authentication_mode: Option<String>,
}

/// A cluster Secret as it is.
#[derive(Clone, Debug)]
pub(super) struct LiveSecret {
    pub(super) name: String,
    pub(super) content: ClusterSecret,
}

/// An Application, and what is known of its manifests.
pub(super) struct App<'a> {
    pub(super) application: &'a Application,
    /// Absent where its destination names no cluster of the fleet.
    pub(super) cluster: Option<ClusterArn>,
    /// Absent where nobody gave its manifests.
    pub(super) deployment: Option<&'a Deployment>,
}

/// The roles of the hub's two components that talk to clusters.
pub(super) struct HubRoles {
    pub(super) controller: RoleArn,
    pub(super) server: RoleArn,
}

impl App<'_> {
    pub(super) fn name(&self) -> &str {
        &self.application.name
    }

    pub(super) fn is_rendered(&self) -> bool {
        self.deployment.is_some()
    }

    pub(super) fn ships_rbac(&self) -> bool {
        self.deployment.is_some_and(Deployment::ships_rbac)
    }

    /// Its destination's namespace and those of all objects that it deploys.
    pub(super) fn namespaces(&self) -> BTreeSet<&str> {
        let own = self.application.destination.namespace.as_str();
        self.deployment.map(Deployment::namespaces).unwrap_or_default().into_iter().chain([own]).collect()
    }

    /// Everything that it is rendered from.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Source> {
        self.application.sources.iter().chain(&self.application.dry_source)
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

    /// The roles that pods of controller and server have today.
    pub(super) fn pod_roles(&self) -> impl Iterator<Item = (&ServiceAccount, &PodRole)> {
        self.today.iter().filter_map(|(account, today)| match today {
            Today::Role(pod) => Some((account, pod)),
            Today::None | Today::Unknown(_) => None,
        })
    }

    /// What a role that pods have today does to a spoke role: whoever has session tags passes them on.
    pub(super) fn actions_of(&self, role: &RoleArn) -> &'static [&'static str] {
        super::trust::actions(self.pod_roles().any(|(_, pod)| pod.role == *role && pod.tags))
    }

    /// Whether sessions of the hub's own roles have tags: once the plan is applied, or until then.
    pub(super) fn has_tags(&self) -> bool {
        let own = self.hub_roles().both();
        self.pod_identity() || self.pod_roles().any(|(_, pod)| own.contains(&pod.role) && pod.tags)
    }

    /// A role as it is.
    pub(super) fn live_role(&self, role: &RoleArn) -> Option<&'a IamRole> {
        self.inventory?.accounts.get(&role.account)?.roles.known()?.get(&role.name)
    }

    /// Whether a role is there, as far as is known.
    pub(super) fn may_exist(&self, role: &RoleArn) -> bool {
        let account = self.inventory.and_then(|inventory| inventory.accounts.get(&role.account));
        let roles = account.and_then(|account| account.roles.known());
        roles.is_none_or(|roles| roles.contains_key(&role.name))
    }

    /// A role in the hub's account.
    pub(super) fn hub_role(&self, purpose: &str) -> RoleArn {
        self.role_in(&self.hub().account, names::role(self.hub(), purpose))
    }

    pub(super) fn capability_role(&self) -> RoleArn {
        self.capability_role.clone().unwrap_or_else(|| self.hub_role("capability"))
    }

    /// The role through which Argo CD reaches a cluster of a chained topology.
    pub(super) fn spoke_role(&self, cluster: &ClusterArn) -> RoleArn {
        match self.fleet.granularity {
            Granularity::PerCluster => {
                self.role_in(&cluster.account, names::cluster_role(self.hub(), cluster))
            }
            Granularity::PerProject => {
                self.role_in(&cluster.account, names::project_role(self.hub(), self.project_of(cluster)))
            }
            Granularity::PerAccount => self.role_in(&cluster.account, names::project_role(self.hub(), None)),
            Granularity::Shared => self.hub_role("spokes"),
        }
    }

    /// The AppProject that the fleet file gives a cluster.
    fn project_of(&self, cluster: &ClusterArn) -> Option<&'a str> {
        self.spoke(cluster)?.cluster?.project.as_deref()
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

    pub(super) fn project(&self, name: &str) -> Option<&'a AppProject> {
        self.projects.iter().find(|project| project.name == name)
    }

    pub(super) fn spoke(&self, arn: &ClusterArn) -> Option<&Spoke<'a>> {
        let at = self.spokes.binary_search_by(|spoke| spoke.arn.cmp(arn)).ok()?;
        self.spokes.get(at)
    }

    /// The Applications that deploy to a cluster.
    pub(super) fn applications_on(&self, arn: &ClusterArn) -> impl Iterator<Item = &App<'a>> {
        let first = self.applications.partition_point(|app| app.cluster.as_ref() < Some(arn));
        let here = self.applications.get(first..).unwrap_or_default();
        here.iter().take_while(move |app| app.cluster.as_ref() == Some(arn))
    }
}

impl Spoke<'_> {
    /// What Argo CD calls it: `server` of its Secret and of destinations.
    pub(super) fn server(&self) -> Option<String> {
        if self.in_cluster {
            return Some(IN_CLUSTER_SERVER.to_owned());
        }
        destination::server(self.cluster?, self.endpoint.as_deref())
    }

    /// Whether the fleet file asks for the authentication mode in which it takes access entries.
    pub(super) fn opens_to_entries(&self) -> bool {
        self.cluster.is_some_and(|cluster| cluster.opens_to_entries)
    }

    /// Its name in Argo CD; the hub without a Secret is `in-cluster`.
    pub(super) fn name(&self) -> &str {
        self.cluster.map_or("in-cluster", |cluster| &cluster.name)
    }

    /// All that some identities need here.
    pub(super) fn permissions(&self, wanted: impl Fn(&Identity) -> bool) -> PermissionSet {
        self.needs.of(wanted).map(|need| need.permission).collect()
    }
}
