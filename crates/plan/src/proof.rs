//! The proof: every need allowed after the plan, every wider grant named, power reached before and after.

mod beyond;
mod bootstrap;

use std::collections::{BTreeMap, BTreeSet};

use argocd::{Identity, Need};
use facts::Gap;
use rbac::{Permission, PermissionSet, Policy, reach::World};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use beyond::BeyondNeeds;
pub(crate) use bootstrap::with_bootstrap;

use crate::{ClusterNeeds, holders::Today};

/// What was proven of a plan, and what wasn't looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// The hops of the chain from pod to rule, in order.
    pub hops: Vec<Hop>,
    /// The last hop, cluster by cluster.
    pub clusters: Vec<ClusterProof>,
}

/// One hop of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hop {
    /// What it is, for example `access entry`.
    pub name: String,
    /// Whether this version of Oarlock evaluates it.
    pub evaluated: bool,
}

/// What was proven of one cluster's authorization.
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
    /// What is granted beyond what is deployed today, and why it can't be narrower.
    pub beyond: Vec<BeyondNeeds>,
    /// What the identities can reach by what they hold in the inventory; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached_before: Option<Power>,
    /// What they can reach by what they hold after the plan.
    pub reached_after: Power,
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

/// The hops that every request takes, and which of them are evaluated so far.
pub(crate) fn hops() -> Vec<Hop> {
    [
        ("service account → IAM role", false),
        ("IAM role → IAM role in the target account", false),
        ("IAM role → access entry", false),
        ("access entry → Kubernetes user and groups", false),
        ("RBAC", true),
    ]
    .map(|(name, evaluated)| Hop { name: name.to_owned(), evaluated })
    .into()
}

/// Proves one cluster's needs on its RBAC objects as they would be after the plan.
pub(crate) fn prove(
    cluster: &ClusterNeeds,
    holders: &Holders,
    before: Option<(&Policy, &BTreeMap<String, Today>)>,
    after: &Policy,
    there: Option<&inventory::Cluster>,
) -> ClusterProof {
    let held: BTreeMap<&Identity, rbac::Held> =
        holders.iter().map(|(identity, holder)| (identity, after.held(holder))).collect();
    let unmet: Vec<Unmet> =
        cluster.needs.needs.iter().filter_map(|need| unmet(need, held.get(&need.identity))).collect();
    ClusterProof {
        cluster: cluster.name.clone(),
        needs: cluster.needs.needs.len(),
        allowed: cluster.needs.needs.len() - unmet.len(),
        unmet,
        beyond: beyond::lines(cluster),
        reached_before: before.map(|(policy, today)| {
            let admin = today.values().any(|today| today.admin);
            power(policy, today.values().map(|today| &today.holder), admin, there)
        }),
        reached_after: power(after, holders.values(), false, there),
    }
}

fn unmet(need: &Need, held: Option<&rbac::Held>) -> Option<Unmet> {
    let unmet = |missing| Unmet {
        identity: need.identity.clone(),
        permission: need.permission.clone(),
        missing,
    };
    let Some(held) = held else { return Some(unmet(Vec::new())) };
    if held.permissions.contains(&need.permission) {
        return None;
    }
    Some(unmet(held.unknown.clone()))
}

fn power<'h>(
    policy: &Policy,
    holders: impl Iterator<Item = &'h rbac::Identity>,
    admin: bool,
    there: Option<&inventory::Cluster>,
) -> Power {
    let mut permissions = if admin { PermissionSet::everything() } else { PermissionSet::new() };
    let mut unknown = Vec::new();
    for holder in holders {
        let held = policy.held(holder);
        permissions = permissions.union(&held.permissions);
        unknown.extend(held.unknown);
    }
    let accounts = there.and_then(service_accounts);
    let description = there.and_then(|there| there.description.known());
    let mode = description.and_then(|description| description.authentication_mode.as_deref());
    let version = description.and_then(|description| description.version.as_deref());
    let world = World {
        policy,
        service_accounts: accounts.as_ref(),
        reads_aws_auth: mode.map(|mode| mode != "API"),
        minor: version.and_then(|version| version.split('.').nth(1)?.parse().ok()),
    };
    let reached = rbac::reach::reached(&permissions, &world);
    unknown.extend(reached.unknown);
    unknown.sort();
    unknown.dedup();
    Power {
        cluster_admin: permissions.is_everything(),
        reaches_cluster_admin: reached.permissions.is_everything(),
        permissions: permissions.len(),
        escalations: escalations(&reached.entries),
        unknown,
    }
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

/// The service accounts of a cluster by namespace; absent if they weren't read.
fn service_accounts(cluster: &inventory::Cluster) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let mut accounts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for account in cluster.kubernetes.list("serviceaccounts").ok()? {
        accounts.entry(account.namespace.clone()?).or_default().insert(account.name.clone());
    }
    Some(accounts)
}
