//! What is asked before a cluster's Secret is written, and by which addresses Applications mean the cluster.

use argocd::{IN_CLUSTER_SERVER, Identity};
use fleet::{Fleet, Install};
use inventory::Inventory;
use live::apply::{Asked, Spoke, Who};
use plan::{AccessEntry, ClusterNeeds, Object, Planned, Step};

/// The clusters of a plan.
pub(super) fn spokes(fleet: &Fleet, planned: &Planned, inventory: Option<&Inventory>) -> Vec<Spoke> {
    let steps = &planned.plan.steps;
    planned.needs.iter().map(|needs| spoke(fleet, needs, steps, inventory)).collect()
}

fn spoke(fleet: &Fleet, cluster: &ClusterNeeds, steps: &[Step], inventory: Option<&Inventory>) -> Spoke {
    let said = fleet.clusters.iter().find(|said| said.arn == cluster.arn);
    let there = inventory.and_then(|inventory| inventory.clusters.get(&cluster.arn));
    let mut servers = vec![cluster.arn.to_string()];
    servers.extend(said.and_then(|said| said.endpoint.clone()));
    servers.extend(there.and_then(|there| there.description.known()?.endpoint.clone()));
    servers.extend(cluster.in_cluster.then(|| IN_CLUSTER_SERVER.to_owned()));
    Spoke {
        arn: cluster.arn.clone(),
        name: cluster.name.clone(),
        servers,
        asked: asked(fleet, cluster, steps),
    }
}

/// Who comes by which entry the fleet's groups say.
fn asked(fleet: &Fleet, cluster: &ClusterNeeds, steps: &[Step]) -> Vec<Asked> {
    let mut asked = Vec::new();
    let wanted = steps.iter().filter(|step| !step.is_pending()).filter_map(|step| step.desired.as_ref());
    for desired in wanted {
        let Object::AccessEntry(entry) = &desired.object else { continue };
        if entry.cluster == cluster.arn {
            let comes = |identity: &Identity| comes_by(fleet, entry, identity);
            let who = Who::Entry { principal: entry.principal.to_string(), groups: entry.groups.clone() };
            asked.extend(of(cluster, who, comes));
        }
    }
    let argocd = &fleet.hub.argocd;
    if cluster.in_cluster && argocd.install == Install::SelfManaged {
        let pods = [
            (Identity::Controller, &argocd.controller_service_account),
            (Identity::Server, &argocd.server_service_account),
        ];
        for (identity, name) in pods {
            let who = Who::ServiceAccount { namespace: argocd.namespace.clone(), name: name.clone() };
            asked.extend(of(cluster, who, |own| *own == identity));
        }
    }
    let mut impersonated: Vec<Identity> = cluster.needs.iter().map(|need| need.identity).collect();
    impersonated.sort();
    impersonated.dedup();
    for identity in impersonated {
        if let Identity::Impersonated { namespace, name } = &identity {
            let who = Who::ServiceAccount { namespace: namespace.to_string(), name: name.to_string() };
            asked.extend(of(cluster, who, |own| *own == identity));
        }
    }
    asked
}

fn of(cluster: &ClusterNeeds, who: Who, comes: impl Fn(&Identity) -> bool) -> Option<Asked> {
    let needs: Vec<_> = cluster.needs.iter().filter(|need| comes(&need.identity)).collect();
    (!needs.is_empty()).then_some(Asked { who, needs })
}

fn comes_by(fleet: &Fleet, entry: &AccessEntry, identity: &Identity) -> bool {
    let is_in = |group: &String| entry.groups.contains(group);
    let groups = &fleet.groups;
    match identity {
        Identity::Controller => is_in(&groups.shared) || is_in(&groups.controller),
        Identity::Server => is_in(&groups.shared) || is_in(&groups.server),
        Identity::Impersonated { .. } => false,
    }
}
