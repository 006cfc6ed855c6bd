//! What a plan is made from.

use argocd::{AppProject, Application, CachedKind, Deployment, Undecided};
use facts::{ClusterArn, Finding, Gap};
use fleet::Fleet;
use inventory::Inventory;

use crate::{CompactNeeds, Removal};

/// Everything that a plan is made from, parsed and consistent.
#[derive(Debug)]
pub struct Input<'a> {
    /// What is wanted.
    pub fleet: &'a Fleet,
    /// What is there; `None` when nobody gave an inventory, so that nothing is compared.
    pub inventory: Option<&'a Inventory>,
    /// The AppProjects.
    pub projects: Vec<AppProject>,
    /// The Applications with what they deploy.
    pub applications: Vec<Deployed>,
    /// What couldn't be read of them, such as what an ApplicationSet makes.
    pub gaps: Vec<Gap>,
    /// What earlier plans of this fleet were to remove, as far as whoever applied them hasn't seen it gone.
    pub removals: Vec<Removal>,
}

/// One Application and the summary of its rendered manifests.
#[derive(Debug)]
pub struct Deployed {
    /// The Application.
    pub application: Application,
    /// What it deploys; `None` where no rendered manifests were given.
    pub deployment: Option<Deployment>,
    /// What of it isn't known all the same.
    pub gaps: Vec<Gap>,
}

/// What Argo CD needs on one cluster.
#[derive(Clone, Debug)]
pub struct ClusterNeeds {
    /// The cluster.
    pub arn: ClusterArn,
    /// Its name in the fleet.
    pub name: String,
    /// The needs.
    pub needs: CompactNeeds,
    /// The kinds that the live cache must read for them; asked for only where the fleet file wants inclusions.
    pub cached_kinds: Vec<CachedKind>,
    /// What people should look at.
    pub findings: Vec<Finding>,
    /// What could not be worked out: with any, the needs are incomplete.
    pub unknown: Vec<Gap>,
    /// RBAC objects for which somebody has to choose first: what they take is not among the needs.
    pub undecided: Vec<Undecided>,
    /// Whether Argo CD reaches it as `https://kubernetes.default.svc`, with its pods' service accounts.
    pub in_cluster: bool,
}
