//! The role of the node: what a pod without a role of its own finds at the instance metadata service, unless the node hides it
//! (EKS Best Practices Guide, "Restrict access to the instance profile assigned to the worker node").

use std::collections::BTreeSet;

use facts::{ClusterArn, Gap, RoleArn};
use inventory::{Cluster, Known};

use super::{Arrival, Pod, ServiceAccount};
use crate::{
    cluster_identity::AwsAuth,
    credentials::Credentials,
    hop::{At, Hop},
};

pub(super) fn credentials(pod: &Pod<'_>) -> Arrival {
    let at = At::ServiceAccount;
    let ServiceAccount { cluster, namespace, name } = pod.account;
    let who = format!("pods of `{namespace}/{name}`");
    let change = format!(
        "aws eks create-pod-identity-association --cluster-name {} --namespace {namespace} --service-account {name} --role-arn …",
        cluster.name
    );
    match roles(pod.cluster) {
        Err(gap) => Arrival::ends(Hop::unknown(at, neither(&who), [gap]).changed_by(change)),
        Ok(roles) if roles.is_empty() => {
            let why = format!("{}, and the cluster knows no role of a node", neither(&who));
            Arrival::ends(Hop::no(at, why).changed_by(change))
        }
        Ok(roles) => {
            let hop = hop(&who, &roles).changed_by(change);
            let credentials = roles.first().filter(|_| roles.len() == 1).cloned();
            let region = Some(&*cluster.region);
            Arrival {
                hops: vec![hop],
                credentials: credentials.map(|role| Credentials::of_role(role, region)),
            }
        }
    }
}

/// What pods without a role of their own may find, one arrival for each role of a node.
pub(crate) fn arrivals(arn: &ClusterArn, cluster: &Cluster) -> Result<Vec<Arrival>, Gap> {
    let arrival = |role: RoleArn| Arrival {
        hops: vec![hop("pods", &BTreeSet::from([role.clone()]))],
        credentials: Some(Credentials::of_role(role, Some(&arn.region))),
    };
    Ok(roles(cluster)?.into_iter().map(arrival).collect())
}

fn neither(who: &str) -> String {
    format!("{who} have neither an IRSA annotation nor a Pod Identity association")
}

/// No file of an inventory says where pods run, and how far the answers of a node's metadata service may go.
fn hop(who: &str, roles: &BTreeSet<RoleArn>) -> Hop {
    let named: Vec<String> = roles.iter().map(|role| format!("`{role}`")).collect();
    let gap = Gap::new(
        format!("which node {who} run on, and whether they reach its metadata service"),
        format!("then they act as the node's role: {}", named.join(" or ")),
    );
    let gap = gap.filled_by(
        "aws ec2 describe-instances --query 'Reservations[].Instances[].[IamInstanceProfile,MetadataOptions]'",
    );
    Hop::unknown(At::ServiceAccount, neither(who), [gap])
}

/// The roles that join nodes to the cluster: by entries for nodes, or in the group of nodes in aws-auth.
pub(crate) fn roles(cluster: &Cluster) -> Result<BTreeSet<RoleArn>, Gap> {
    let mut roles = BTreeSet::new();
    match &cluster.access_entries {
        Known::Gap(gap) => return Err(gap.clone()),
        Known::Known(entries) => {
            // Pods on Fargate and hybrid nodes find no instance metadata.
            let nodes = entries.values().filter(|entry| entry.kind.starts_with("EC2"));
            roles.extend(nodes.filter_map(|entry| entry.principal.parse::<RoleArn>().ok()));
        }
    }
    let mapped = AwsAuth::of(cluster)?.roles.items;
    let nodes = mapped.iter().filter(|item| item.groups.iter().any(|group| group == "system:nodes"));
    roles.extend(nodes.filter_map(|item| item.arn.parse::<RoleArn>().ok()));
    Ok(roles)
}
