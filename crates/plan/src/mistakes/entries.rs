//! Access entries and bindings that give Argo CD's roles nothing, or what EKS refuses.

use facts::{ClusterArn, Finding, Severity};
use fleet::Fleet;
use inventory::{Cluster, Inventory};

use crate::diff::{Access, is_stale};

/// EKS refuses groups that begin so (EKS User Guide, "Create access entries").
const RESERVED: &str = "system:";

/// The group that "Register target clusters" of the EKS User Guide says every entry has.
const IMPLIED: &str = "eks-access-entry:";

pub(super) fn of(fleet: &Fleet, inventory: &Inventory, access: &Access) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (arn, cluster) in &inventory.clusters {
        let Some(name) = name(fleet, arn) else { continue };
        findings.extend(reserved(cluster, access).map(|finding| finding.on(name)));
        findings.extend(implied(cluster).map(|finding| finding.on(name)));
        let stale = stale(inventory, cluster, access);
        findings.extend(stale.map(|finding| finding.on(name)));
    }
    findings
}

/// As the fleet calls the cluster, if it is one of its clusters.
fn name<'f>(fleet: &'f Fleet, arn: &ClusterArn) -> Option<&'f str> {
    fleet.cluster(arn).map(|cluster| cluster.name.as_str())
}

/// Groups of Argo CD's own entries. Nodes' entries have `system:nodes`, which EKS puts there itself.
fn reserved<'a>(cluster: &'a Cluster, access: &'a Access) -> impl Iterator<Item = Finding> + 'a {
    let entries = cluster.access_entries.known().into_iter().flat_map(|entries| entries.values());
    let own = entries.filter(|entry| entry.kind == "STANDARD" && access.role(&entry.principal).is_some());
    own.filter_map(|entry| {
        let group = entry.groups.iter().find(|group| group.starts_with(RESERVED))?;
        let message = format!(
            "the access entry of `{}` has the group `{group}`: EKS refuses groups that begin with `{RESERVED}`, so this isn't what EKS holds, or no longer",
            entry.principal
        );
        let help = "the plan's own entries name a group of their own, which a binding gives exactly what is needed";
        Some(
            Finding::new("access-entry-with-system-group", Severity::Warning, message)
                .at(entry.place.clone())
                .with_help(help),
        )
    })
}

/// Entries that were made for an earlier role: EKS lets nobody in by them.
fn stale<'a>(
    inventory: &'a Inventory,
    cluster: &'a Cluster,
    access: &'a Access,
) -> impl Iterator<Item = Finding> + 'a {
    let entries = cluster.access_entries.known().into_iter().flat_map(|entries| entries.values());
    let own = entries.filter(|entry| access.role(&entry.principal).is_some());
    own.filter(|entry| is_stale(inventory, cluster, entry)).map(|entry| {
        let message = format!(
            "the access entry of `{}` is older than the role: it was made for an earlier role of that name, whose unique id EKS keeps, and lets today's do nothing",
            entry.principal
        );
        let help = format!(
            "`aws eks delete-access-entry --cluster-name NAME --principal-arn {}`, then make it again with all groups and access policies that it has",
            entry.principal
        );
        Finding::new("stale-access-entry", Severity::Error, message).at(entry.place.clone()).with_help(help)
    })
}

/// Bindings to a group that no entry names. AWS's page says that it is there by itself; field reports, that it isn't.
fn implied(cluster: &Cluster) -> impl Iterator<Item = Finding> {
    let entries = cluster.access_entries.known().into_iter().flat_map(|entries| entries.values());
    let groups: Vec<&String> = entries.flat_map(|entry| &entry.groups).collect();
    cluster.kubernetes.bindings.iter().filter_map(move |binding| {
        let mut subjects = binding.subjects.iter().filter(|subject| subject.kind == "Group");
        let group = &subjects
            .find(|subject| subject.name.starts_with(IMPLIED) && !groups.contains(&&subject.name))?
            .name;
        let message = format!(
            "`{}` gives its role to the group `{group}`, which no access entry names: EKS gives an entry only the groups that it lists",
            binding.name
        );
        let finding = Finding::new("binding-to-implied-group", Severity::Warning, message);
        let finding = binding.place.iter().fold(finding, |finding, place| finding.at(place.clone()));
        Some(finding.with_help("name a group in the entry's `kubernetesGroups`, of at most 63 characters, and bind that"))
    })
}
