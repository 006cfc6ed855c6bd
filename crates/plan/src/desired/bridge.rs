//! The bridge: how Argo CD keeps its clusters while its pods change their role.
//!
//! Pods come with their present role until they are restarted, and a cluster Secret has one `roleARN` for all of them.
//! So the Secrets are changed first, and what they lead to lets the present role in as well: the spoke role by a
//! statement of its trust policy, the cluster itself (topology `direct`) by an access entry. Both are the plan's own
//! objects; nobody else's trust is touched. Once the inventory shows that the pods have their new roles, the bridge
//! isn't wanted any more, and the plan takes it out.

mod findings;
mod permission;

use std::collections::{BTreeMap, BTreeSet};

use argocd::Authentication;
use facts::{ClusterArn, RoleArn};
use fleet::{Cluster, Topology};
use iam::{AnyDocument, Element, Kind, Statement};

pub(super) use findings::say;

use super::{
    groups, marks,
    site::{Site, Spoke},
    today::{PodRole, Today},
    trust::BRIDGE,
};

/// What is wanted only while the pods change their role, and what must stay until the Secrets have changed.
#[derive(Default)]
pub(super) struct Bridge {
    /// Clusters whose Secret is changed before the pods' role.
    first: BTreeSet<ClusterArn>,
    /// Present roles that a spoke role lets in.
    trusted: BTreeMap<RoleArn, BTreeSet<RoleArn>>,
    /// Present roles that a cluster lets in, with their groups.
    entries: BTreeMap<ClusterArn, BTreeMap<RoleArn, BTreeSet<String>>>,
    /// Roles that a hub role may assume today and that Secrets name until they are changed.
    kept: BTreeMap<RoleArn, BTreeSet<RoleArn>>,
}

impl Bridge {
    pub(super) fn of(site: &Site<'_>) -> Self {
        let mut bridge = Self { kept: kept(site), ..Self::default() };
        let present = present(site);
        if !is_switching(site) || present.is_empty() {
            return bridge;
        }
        for (spoke, cluster) in site.reached(&[Topology::Chained, Topology::Direct]) {
            let Some(reach) = reach(spoke) else { continue };
            bridge.first.insert(spoke.arn.clone());
            match cluster.topology {
                Topology::Chained => bridge.trust(site, cluster, reach, &present),
                _ => bridge.admit(site, spoke, reach),
            }
        }
        bridge
    }

    /// Whether a cluster's Secret is changed before the pods' role.
    pub(super) fn is_first(&self, cluster: &ClusterArn) -> bool {
        self.first.contains(cluster)
    }

    /// The present roles that a spoke role lets in meanwhile.
    pub(super) fn trusted(&self, spoke_role: &RoleArn) -> impl Iterator<Item = &RoleArn> {
        self.trusted.get(spoke_role).into_iter().flatten()
    }

    /// The present roles that a cluster lets in meanwhile, with their groups.
    pub(super) fn entries(
        &self,
        cluster: &ClusterArn,
    ) -> impl Iterator<Item = (&RoleArn, &BTreeSet<String>)> {
        self.entries.get(cluster).into_iter().flatten()
    }

    /// What a hub role must still be allowed to assume until the Secrets name other roles.
    pub(super) fn kept(&self, hub_role: &RoleArn) -> impl Iterator<Item = &RoleArn> {
        self.kept.get(hub_role).into_iter().flatten()
    }

    /// Where the Secret names the spoke role already, only whoever comes through today is let in.
    fn trust(&mut self, site: &Site<'_>, cluster: &Cluster, reach: Reach<'_>, present: &BTreeSet<RoleArn>) {
        let role = site.spoke_role(&cluster.arn);
        let changes = reach != Reach::Role(&role.to_string());
        let let_in = let_in(site, &role);
        let needed = present.iter().filter(|old| changes || let_in.contains(&old.to_string()));
        let needed: BTreeSet<RoleArn> = needed.cloned().collect();
        if !needed.is_empty() {
            self.trusted.entry(role).or_default().extend(needed);
        }
    }

    /// Where the Secret names no role already, only an entry that the plan before made for this stays.
    fn admit(&mut self, site: &Site<'_>, spoke: &Spoke<'_>, reach: Reach<'_>) {
        let changes = reach != Reach::Role("");
        let own: Vec<RoleArn> = groups::principals(site, spoke).into_iter().map(|p| p.role).collect();
        for (principal, (_, today)) in groups::principals(site, spoke).into_iter().zip(&site.today) {
            let Today::Role(PodRole { role, .. }) = today else { continue };
            let is_old = !own.contains(role) && site.may_exist(role);
            if is_old && (changes || has_own_entry(site, spoke.arn, role)) {
                let entries = self.entries.entry(spoke.arn.clone()).or_default();
                entries.entry(role.clone()).or_default().insert(principal.group);
            }
        }
    }
}

/// How Argo CD reaches a cluster with its pods' role today.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach<'s> {
    /// Through this role; empty: with the pods' own.
    Role(&'s str),
    /// By a command or profile of somebody else's.
    Somehow,
}

/// Nothing where a token in the Secret, or nothing at all, opens the cluster: then the pods' role doesn't matter.
fn reach<'s>(spoke: &'s Spoke<'_>) -> Option<Reach<'s>> {
    match spoke.secret.as_ref()?.content.authentication() {
        Authentication::Aws(aws) if aws.profile.is_empty() => Some(Reach::Role(&aws.role_arn)),
        Authentication::Aws(_) | Authentication::Exec(_) => Some(Reach::Somehow),
        Authentication::InCluster
        | Authentication::Capability(_)
        | Authentication::Static
        | Authentication::Anonymous => None,
    }
}

/// Whether Argo CD reaches a cluster with its pods' role today.
pub(super) fn needs_pods_role(spoke: &Spoke<'_>) -> bool {
    reach(spoke).is_some()
}

/// The roles that pods have today and that aren't the plan's. A role that isn't there opens nothing today, and IAM
/// refuses a trust policy that names it.
fn present(site: &Site<'_>) -> BTreeSet<RoleArn> {
    let own = site.hub_roles().both();
    let roles = site.pod_roles().map(|(_, pod)| pod.role.clone());
    roles.filter(|role| !own.contains(role) && site.may_exist(role)).collect()
}

fn is_switching(site: &Site<'_>) -> bool {
    let own = site.hub_roles().both();
    own.iter().zip(&site.today).any(|(own, (_, today))| match today {
        Today::Role(pod) => pod.role != *own,
        Today::None | Today::Unknown(_) => true,
    })
}

/// Whom a role of today lets in, as its trust policy writes it.
fn let_in(site: &Site<'_>, role: &RoleArn) -> BTreeSet<String> {
    let Some(live) = site.live_role(role) else { return BTreeSet::new() };
    let named = |statement: Statement| match statement.principals {
        Some(Element::Only(principals)) if statement.effect == iam::Effect::Allow => principals.aws,
        _ => BTreeSet::new(),
    };
    statements(&live.trust).into_iter().flat_map(named).collect()
}

/// Whether the live trust of a spoke role has a bridge, of a plan before.
pub(super) fn is_open(site: &Site<'_>, role: &RoleArn) -> bool {
    site.live_role(role).is_some_and(|live| statements(&live.trust).iter().any(|s| s.sid == BRIDGE))
}

fn has_own_entry(site: &Site<'_>, cluster: &ClusterArn, role: &RoleArn) -> bool {
    let there = site.inventory.and_then(|inventory| inventory.clusters.get(cluster));
    let entries = there.and_then(|there| there.access_entries.known());
    let entry = entries.and_then(|entries| entries.get(&role.to_string()));
    entry.is_some_and(|entry| marks::are_in(|key| entry.tags.get(key).map(String::as_str), &site.fleet.name))
}

/// The hub's own roles lose nothing that a Secret still names.
fn kept(site: &Site<'_>) -> BTreeMap<RoleArn, BTreeSet<RoleArn>> {
    let named: BTreeSet<RoleArn> = site
        .reached(&[Topology::Chained, Topology::Direct])
        .filter_map(|(spoke, _)| match reach(spoke)? {
            Reach::Role(role) => role.parse().ok(),
            Reach::Somehow => None,
        })
        .collect();
    let of = |hub_role: RoleArn| {
        let may = permission::named_resources(site.live_role(&hub_role)?);
        Some((hub_role, named.iter().filter(|role| may.contains(&role.to_string())).cloned().collect()))
    };
    site.hub_roles().both().into_iter().filter_map(of).collect()
}

fn statements(document: &serde_json::Value) -> Vec<Statement> {
    match AnyDocument::of(document.clone(), Kind::Trust) {
        AnyDocument::Legal(document) => document.statements,
        AnyDocument::Raw { .. } => Vec::new(),
    }
}
