//! The proof: every need allowed after the plan, every wider grant named, power reached before and after.

mod beyond;
mod scene;
mod times;

use std::collections::BTreeMap;

use access::{Hop, Installation};
use argocd::Identity;
use facts::{ClusterArn, Gap};
use fleet::Fleet;
use rayon::prelude::*;
use rbac::Permission;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use beyond::BeyondNeeds;
pub(crate) use scene::pending;

use crate::{ClusterNeeds, Input, Location, Step, diff::Access};
use times::{Done, Times};

/// What was proven of a plan, and what wasn't looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// Whether all hops from Argo CD's pods on were evaluated, on the inventory as it will be: not without an inventory. Then the
    /// planned rules alone say what is allowed.
    pub chain: bool,
    /// Cluster by cluster.
    pub clusters: Vec<ClusterProof>,
}

/// What was proven of one cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterProof {
    /// The cluster's name in the fleet.
    pub cluster: String,
    /// How many needs there are.
    pub needs: usize,
    /// How many of them are allowed after the plan.
    pub allowed: usize,
    /// Those that aren't, with a request that shows it or what isn't known.
    pub unmet: Vec<Unmet>,
    /// How each identity gets there after the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<ProvenWay>,
    /// What is granted beyond what is deployed today, and why it can't be narrower.
    pub beyond: Vec<BeyondNeeds>,
    /// What the identities can reach by what they hold in the inventory; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached_before: Option<Power>,
    /// What they can reach by what they hold after the plan, and by what the plan leaves pending.
    pub reached_after: Power,
    /// The same once the pending steps have happened, too (`--adopt`); absent where that makes no difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached_with_adoption: Option<Power>,
}

/// The hops that an identity's requests take after the plan, up to who it is on the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProvenWay {
    /// Whose.
    pub identity: Identity,
    /// In their order, each with what lets it pass.
    pub hops: Vec<Hop>,
}

/// A need that the plan doesn't meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unmet {
    /// Whose need.
    pub identity: Identity,
    /// What is needed.
    pub permission: Permission,
    /// What isn't known; empty where it is certainly not allowed.
    pub missing: Vec<Gap>,
    /// The hop that ends it; absent where it isn't known, or where the chain wasn't evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hop: Option<Hop>,
}

/// What a set of identities holds, and what that leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Power {
    /// Whether they may do everything.
    pub cluster_admin: bool,
    /// How many permissions they hold as written, in the shortest form.
    pub permissions: usize,
    /// Whether they can get to everything, by escalation.
    pub reaches_cluster_admin: bool,
    /// Ways to more power.
    pub escalations: Vec<Escalation>,
    /// What couldn't be followed.
    pub unknown: Vec<Gap>,
}

/// A way from what is held to more power, as the escalation catalogue has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Escalation {
    /// The entry of the catalogue.
    pub id: String,
    /// What it leads to.
    pub leads_to: String,
    /// The permissions that open it.
    pub by: Vec<Permission>,
}

/// Who an identity of Argo CD is to Kubernetes on one cluster.
pub(crate) type Holders = BTreeMap<Identity, rbac::Identity>;

/// Where the fleet's Argo CD runs.
pub fn installation(fleet: &Fleet) -> Installation {
    let argocd = &fleet.hub.argocd;
    Installation {
        hub: fleet.hub.arn.clone(),
        namespace: argocd.namespace.clone(),
        controller: argocd.controller_service_account.clone(),
        server: argocd.server_service_account.clone(),
    }
}

/// Proves the needs of every cluster on what the steps leave.
pub(crate) fn of(
    input: &Input<'_>,
    access: Option<&Access>,
    needs: &[ClusterNeeds],
    steps: &[Step],
) -> Proof {
    let mut by_cluster: BTreeMap<&ClusterArn, Vec<&Step>> = BTreeMap::new();
    for step in steps {
        if let Location::Cluster(arn) | Location::Eks(arn) = &step.object.location {
            by_cluster.entry(arn).or_default().push(step);
        }
    }
    let done = input.inventory.map(|inventory| Done::of(inventory, steps));
    let times = done.as_ref().map(Times::of);
    let installation = installation(input.fleet);
    let clusters = needs.par_iter().map(|cluster| {
        let steps = by_cluster.get(&cluster.arn).map_or(&[][..], Vec::as_slice);
        scene::Scene::of(input, access, times.as_ref(), &installation, cluster, steps).prove()
    });
    Proof { chain: input.inventory.is_some(), clusters: clusters.collect() }
}

/// One line for each way, with the permissions that open it.
fn escalations(steps: &[rbac::reach::Step]) -> Vec<Escalation> {
    let mut ways: BTreeMap<&str, Escalation> = BTreeMap::new();
    for step in steps {
        let way = ways.entry(step.entry.id).or_insert_with(|| Escalation {
            id: step.entry.id.to_owned(),
            leads_to: step.entry.leads_to.to_owned(),
            by: Vec::new(),
        });
        way.by.push(step.by.clone());
    }
    ways.into_values().collect()
}
