//! Access entries: which IAM role is which Kubernetes group, on each cluster.

use facts::{Finding, Severity};
use fleet::{Install, Topology};

use super::{
    bridge::Bridge,
    groups, marks,
    site::{Site, Spoke},
    wanted::{Wanted, entry_id, role_id},
};
use crate::object::{AccessEntry, Location, Object};

/// One entry for each role on each cluster, with an explicit group and never an access policy: the power is in RBAC,
/// where escalation is checked and where people can read it.
pub(super) fn add(site: &Site<'_>, bridge: &Bridge, wanted: &mut Wanted) {
    for spoke in &site.spokes {
        for principal in groups::principals(site, spoke) {
            let entry = AccessEntry {
                cluster: spoke.arn.clone(),
                principal: principal.role.clone(),
                groups: vec![principal.group.clone()],
                tags: marks::tags(&site.fleet.name),
            };
            let reason = format!("{} is group {} on {}", principal.role.name, principal.group, spoke.name());
            let after = vec![role_id(&principal.role)];
            wanted.add(Location::Eks(spoke.arn.clone()), Object::AccessEntry(entry), reason, after);
            debug_assert!(
                wanted
                    .desired
                    .objects
                    .last()
                    .is_some_and(|last| last.id() == entry_id(spoke.arn, &principal.role))
            );
        }
        add_bridge(site, spoke, bridge, wanted);
        check_mode(spoke, wanted);
    }
    say_what_the_capability_makes(site, wanted);
}

/// Entries of the roles as which Argo CD's pods come until they are restarted.
fn add_bridge(site: &Site<'_>, spoke: &Spoke<'_>, bridge: &Bridge, wanted: &mut Wanted) {
    for (role, groups) in bridge.entries(spoke.arn) {
        let entry = AccessEntry {
            cluster: spoke.arn.clone(),
            principal: role.clone(),
            groups: groups.iter().cloned().collect(),
            tags: marks::tags(&site.fleet.name),
        };
        let reason = format!(
            "bridge: Argo CD's pods come as {} until they are restarted; the next plan takes the entry out",
            role.name
        );
        wanted.add(Location::Eks(spoke.arn.clone()), Object::AccessEntry(entry), reason, Vec::new());
    }
}

/// EKS API reference, `AccessConfigResponse`: in mode CONFIG_MAP there are no access entries.
fn check_mode(spoke: &Spoke<'_>, wanted: &mut Wanted) {
    if spoke.in_cluster || spoke.authentication_mode.as_deref() != Some("CONFIG_MAP") {
        return;
    }
    let arn = spoke.arn;
    let message = format!(
        "cluster `{}` has authentication mode CONFIG_MAP, in which EKS takes no access entries",
        spoke.name()
    );
    let command = format!(
        "aws eks update-cluster-config --region {} --name {} --access-config authenticationMode=API_AND_CONFIG_MAP (it can't be taken back)",
        arn.region, arn.name
    );
    let mut finding =
        Finding::new("cluster-takes-no-access-entries", Severity::Error, message).with_help(command);
    finding.places.extend(spoke.cluster.map(|cluster| cluster.place.clone()));
    wanted.findings.push(finding);
}

fn say_what_the_capability_makes(site: &Site<'_>, wanted: &mut Wanted) {
    let on_hub = site.reached(&[Topology::Capability]).any(|(spoke, _)| spoke.arn == site.hub());
    if on_hub && site.fleet.hub.argocd.install == Install::EksCapability {
        wanted.note(
            "capability-made-its-hub-entry",
            "EKS makes the capability role's access entry on the hub itself, with access policies of its own for Argo CD's namespace: \
             the plan gives that entry the group and leaves those policies alone",
        );
    }
}
