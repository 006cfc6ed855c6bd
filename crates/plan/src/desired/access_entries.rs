//! Access entries: which IAM role is which Kubernetes group, on each cluster.

use std::collections::BTreeMap;

use facts::{ClusterArn, Finding, RoleArn, Severity};
use fleet::{Install, Topology};

use super::{
    bridge::Bridge,
    groups, marks,
    site::{Site, Spoke},
    wanted::{Wanted, entry_id, role_id},
};
use crate::{
    diff::{is_effective, mappings},
    object::{AccessEntry, AuthenticationMode, Location, Object, ObjectId},
};

/// In which access entries count, and aws-auth still does.
const API_AND_CONFIG_MAP: &str = "API_AND_CONFIG_MAP";

/// One entry for each role on each cluster, with an explicit group and never an access policy: the power is in RBAC,
/// where escalation is checked and where people can read it.
pub(super) fn add(site: &Site<'_>, bridge: &Bridge, wanted: &mut Wanted) {
    for spoke in &site.spokes {
        let open = opened(spoke, wanted);
        for principal in groups::principals(site, spoke) {
            let entry = AccessEntry {
                cluster: spoke.arn.clone(),
                principal: principal.role.clone(),
                groups: vec![principal.group.clone()],
                tags: marks::tags(&site.fleet.name),
            };
            let reason = format!("{} is group {} on {}", principal.role.name, principal.group, spoke.name());
            let after = [role_id(&principal.role)].into_iter().chain(open.clone()).collect();
            wanted.add(Location::Eks(spoke.arn.clone()), Object::AccessEntry(entry), reason, after);
            debug_assert!(
                wanted
                    .desired
                    .objects
                    .last()
                    .is_some_and(|last| last.id() == entry_id(spoke.arn, &principal.role))
            );
        }
        add_bridge(site, spoke, bridge, open, wanted);
        check_mode(spoke, wanted);
    }
    say_what_the_capability_makes(site, wanted);
}

/// Entries of the roles as which Argo CD's pods come until they are restarted.
fn add_bridge(
    site: &Site<'_>,
    spoke: &Spoke<'_>,
    bridge: &Bridge,
    open: Option<ObjectId>,
    wanted: &mut Wanted,
) {
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
        wanted.add(
            Location::Eks(spoke.arn.clone()),
            Object::AccessEntry(entry),
            reason,
            open.iter().cloned().collect(),
        );
    }
}

/// What lets a cluster take entries, where the fleet file asks for it: access goes on by aws-auth meanwhile.
fn opened(spoke: &Spoke<'_>, wanted: &mut Wanted) -> Option<ObjectId> {
    if spoke.in_cluster || !spoke.opens_to_entries() {
        return None;
    }
    let mode = AuthenticationMode { cluster: spoke.arn.clone(), mode: API_AND_CONFIG_MAP.to_owned() };
    let reason =
        "the fleet file asks for it, so that the cluster takes access entries; EKS never takes it back";
    let object = Object::AuthenticationMode(mode);
    Some(wanted.add(Location::Eks(spoke.arn.clone()), object, reason, Vec::new()))
}

/// A role that aws-auth maps loses what that gives it as soon as it has an entry (EKS User Guide, "Migrating existing aws-auth ConfigMap
/// entries to access entries"): what the entry's groups are bound to comes first.
pub(super) fn after_their_rights(
    site: &Site<'_>,
    wanted: &mut Wanted,
    ready: &BTreeMap<ClusterArn, Vec<ObjectId>>,
) {
    for object in &mut wanted.desired.objects {
        let Object::AccessEntry(entry) = &object.object else { continue };
        let cluster = site.inventory.and_then(|inventory| inventory.clusters.get(&entry.cluster));
        // What can't be read isn't known to map nobody.
        let is_mapped = cluster.is_some_and(|cluster| {
            mappings(cluster).map_or(true, |all| {
                all.iter().any(|mapping| same_role(&mapping.arn, &entry.principal) && is_effective(mapping))
            })
        });
        if is_mapped {
            object.after.extend(ready.get(&entry.cluster).into_iter().flatten().cloned());
        }
    }
}

/// aws-auth has ARNs without path.
fn same_role(written: &str, role: &RoleArn) -> bool {
    let without_path = RoleArn { path: "/".to_owned(), ..role.clone() };
    written.eq_ignore_ascii_case(&without_path.to_string())
}

/// EKS API reference, `AccessConfigResponse`: in mode CONFIG_MAP there are no access entries.
fn check_mode(spoke: &Spoke<'_>, wanted: &mut Wanted) {
    if spoke.in_cluster || spoke.authentication_mode.as_deref() != Some("CONFIG_MAP") {
        return;
    }
    let arn = spoke.arn;
    let command = format!(
        "aws eks update-cluster-config --region {} --name {} --access-config authenticationMode={API_AND_CONFIG_MAP}",
        arn.region, arn.name
    );
    let mut finding = if spoke.opens_to_entries() {
        let message = format!(
            "the authentication mode of cluster `{}` becomes {API_AND_CONFIG_MAP}, which can't be taken back",
            spoke.name()
        );
        Finding::new("authentication-mode-changes", Severity::Warning, message)
            .with_help(format!("before Terraform or CloudFormation make its access entries: {command}"))
    } else {
        let message = format!(
            "cluster `{}` has authentication mode CONFIG_MAP, in which EKS takes no access entries",
            spoke.name()
        );
        Finding::new("cluster-takes-no-access-entries", Severity::Error, message)
            .with_help(format!("{command} (it can't be taken back)"))
            .with_help(format!("or let the plan change it: `authenticationMode: {API_AND_CONFIG_MAP}` of the cluster in the fleet file"))
    };
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
