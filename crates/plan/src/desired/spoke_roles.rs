//! The roles that Argo CD assumes to reach the clusters of a chained topology.

use std::collections::{BTreeMap, BTreeSet};

use argocd::Identity;
use facts::RoleArn;
use fleet::{Granularity, Topology};

use super::{
    bridge::{self, Bridge},
    marks,
    site::{Site, Spoke},
    trust,
    wanted::{Wanted, role_id},
};
use crate::object::{IamRole, Location, Object};

/// Roles without any permission: an API server asks for an identity, not for permissions in IAM.
pub(super) fn add(site: &Site<'_>, bridge: &Bridge, wanted: &mut Wanted) {
    let mut served: BTreeMap<RoleArn, BTreeSet<&str>> = BTreeMap::new();
    for (_, cluster) in site.reached(&[Topology::Chained]) {
        served.entry(site.spoke_role(&cluster.arn)).or_default().insert(&cluster.name);
    }
    let hub_roles = site.hub_roles().both();
    for (arn, clusters) in served {
        let of = clusters_named(&clusters);
        let present: Vec<RoleArn> = bridge.trusted(&arn).cloned().collect();
        let role = IamRole {
            arn: arn.clone(),
            description: format!("Argo CD on {}: identity on {of}; no permissions", site.hub().name),
            trust: trust::spoke(site, &hub_roles, &present),
            inline_policies: BTreeMap::new(),
            managed_policies: BTreeMap::new(),
            tags: marks::tags(&site.fleet.name),
        };
        let mut reason = format!("controller and server of the hub assume it to be known to {of}");
        reason.push_str(&meanwhile(site, &arn, &present));
        let after = hub_roles.iter().map(role_id).collect();
        wanted.add(Location::Account(arn.account.clone()), Object::IamRole(role), reason, after);
    }
    say_who_shares(site, wanted);
}

/// What of it is only for the time in which the pods change their role.
fn meanwhile(site: &Site<'_>, arn: &RoleArn, present: &[RoleArn]) -> String {
    let names: Vec<String> = present.iter().map(|role| format!("`{role}`")).collect();
    if !names.is_empty() {
        format!(
            "; bridge: it also trusts {}, as which Argo CD's pods come until they are restarted, and the next plan takes that out",
            names.join(" and ")
        )
    } else if bridge::is_open(site, arn) {
        "; Argo CD's pods have the hub's roles by now, so the bridge goes".to_owned()
    } else {
        String::new()
    }
}

/// Both components read the Secret's one `roleARN`, so neither can have an identity of its own.
fn say_who_shares(site: &Site<'_>, wanted: &mut Wanted) {
    let spokes: Vec<&Spoke<'_>> = site.reached(&[Topology::Chained]).map(|(spoke, _)| spoke).collect();
    if spokes.is_empty() {
        return;
    }
    let (mut to_server, mut to_controller) = (0, 0);
    for spoke in &spokes {
        let controller = spoke.permissions(|identity| *identity == Identity::Controller);
        let server = spoke.permissions(|identity| *identity == Identity::Server);
        to_server += controller.difference(&server).len();
        to_controller += server.difference(&controller).len();
    }
    wanted.note(
        "spoke-identity-is-shared",
        format!(
            "on {} controller and server share one identity, since a cluster Secret has one `roleARN`: the plan unites their needs; \
             the server thereby gets {} that only the controller needs, the controller {to_controller} that only the server needs (topology `direct` keeps them apart)",
            facts::count(spokes.len(), "chained cluster"),
            facts::count(to_server, "permission"),
        ),
    );
    let shared = match site.fleet.granularity {
        Granularity::PerCluster => return,
        Granularity::PerProject => "all clusters of a project in an account share one spoke role",
        Granularity::PerAccount => "all clusters of an account share one spoke role",
        Granularity::Shared => "all clusters share one spoke role",
    };
    wanted.note(
        "spoke-role-is-shared",
        format!("{shared}: a token for one of them is made with credentials that work on all of them (`roles: per-cluster` keeps them apart)"),
    );
}

/// At most three names, so that a description stays within IAM's 1,000 characters.
pub(super) fn clusters_named(clusters: &BTreeSet<&str>) -> String {
    let first: Vec<&str> = clusters.iter().copied().take(3).collect();
    match clusters.len().saturating_sub(first.len()) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
