//! Others who use the plan's own groups: a second fleet on the same cluster, say, whose file names none of its own.

use facts::{ClusterArn, Finding, Place, Severity};
use fleet::{Install, Topology};
use inventory::{Cluster, KubernetesObject};

use super::{
    Finder, entry_id,
    rbac::{field, id, role_ref, subjects},
};
use crate::diff::{is_effective, mappings};

impl Finder<'_> {
    /// Who else is in a group of the plan's holds all that the plan gives it; who else binds it gives to Argo CD.
    pub(super) fn groups(&mut self, arn: &ClusterArn, cluster: &Cluster) {
        let mut findings = Vec::new();
        for group in self.own_groups(arn) {
            for (who, place) in self.other_members(arn, cluster, group) {
                let message = format!(
                    "`{who}` is in the group `{group}`, too: it would hold all that the plan gives Argo CD there"
                );
                findings.push(self.shared("group-has-other-members", arn, message, place));
            }
            for object in self.other_bindings(arn, cluster, group) {
                let message = format!(
                    "{} `{}` gives `{}` to the group `{group}`: Argo CD holds that, too, besides what the plan gives it",
                    object.kind,
                    object.name,
                    role_ref(object, "name"),
                );
                findings.push(self.shared("group-is-bound-by-others", arn, message, object.place.clone()));
            }
        }
        self.found.findings.append(&mut findings);
    }

    fn shared(&self, id: &'static str, arn: &ClusterArn, message: String, place: Place) -> Finding {
        Finding::new(id, Severity::Warning, message)
            .on(self.name(arn))
            .at(place)
            .with_help("give this fleet groups of its own: `groups` in the fleet file")
    }

    /// The groups that the plan's access entries have on a cluster.
    fn own_groups(&self, arn: &ClusterArn) -> Vec<&str> {
        let (fleet, hub) = (self.fleet, &self.fleet.hub);
        let Some(cluster) = fleet.clusters.iter().find(|cluster| cluster.arn == *arn) else {
            return Vec::new();
        };
        match cluster.topology {
            _ if *arn == hub.arn && hub.argocd.install == Install::SelfManaged => Vec::new(),
            Topology::Direct => vec![&fleet.groups.controller, &fleet.groups.server],
            Topology::Chained | Topology::Capability => vec![&fleet.groups.shared],
        }
    }

    /// By access entries and aws-auth, without those by which Argo CD has come so far and those of the plan.
    fn other_members(&self, arn: &ClusterArn, cluster: &Cluster, group: &str) -> Vec<(String, Place)> {
        let entries = cluster.access_entries.known().into_iter().flatten();
        let entries = entries
            .filter(|(_, entry)| entry.groups.iter().any(|name| name == group))
            .map(|(principal, entry)| (principal.clone(), entry.place.clone()))
            .filter(|(principal, _)| !self.wanted.contains(&entry_id(arn, principal)));
        let map = cluster.kubernetes.find("configmaps", Some("kube-system"), "aws-auth");
        let mapped = mappings(cluster).unwrap_or_default().into_iter();
        let mapped = mapped
            .filter(|mapping| is_effective(mapping) && mapping.groups.iter().any(|name| name == group))
            .filter_map(|mapping| Some((mapping.arn, map?.place.clone())));
        entries.chain(mapped).filter(|(who, _)| !self.is_argo_cds(who)).collect()
    }

    fn other_bindings<'c>(
        &self,
        arn: &ClusterArn,
        cluster: &'c Cluster,
        group: &str,
    ) -> Vec<&'c KubernetesObject> {
        let lists = ["clusterrolebindings", "rolebindings"];
        let bindings = lists.into_iter().flat_map(|list| cluster.kubernetes.list(list).unwrap_or_default());
        let binds = |object: &&KubernetesObject| {
            subjects(object)
                .iter()
                .any(|subject| field(subject, "kind") == "Group" && field(subject, "name") == group)
        };
        bindings
            .filter(binds)
            .filter(|object| !self.wanted.contains(&id(arn, object)) && !self.is_owned(object))
            .collect()
    }
}
