//! The role of the node: what a pod without a role of its own finds at the instance metadata service, unless the node hides it
//! (EKS Best Practices Guide, "Restrict access to the instance profile assigned to the worker node").

use std::collections::BTreeSet;

use facts::{Gap, RoleArn};
use inventory::{Cluster, Known};

use super::{Arrival, Pod};
use crate::{
    cluster_identity::AwsAuth,
    credentials::Credentials,
    hop::{At, Hop},
};

pub(super) fn credentials(pod: &Pod<'_>) -> Arrival {
    let at = At::ServiceAccount;
    let who = format!("`{}/{}`", pod.account.namespace, pod.account.name);
    let none = format!("{who} has neither an IRSA annotation nor a Pod Identity association");
    let change = format!(
        "aws eks create-pod-identity-association --cluster-name {} --namespace {} --service-account {} --role-arn …",
        pod.account.cluster.name, pod.account.namespace, pod.account.name
    );
    match roles(pod.cluster) {
        Err(gap) => Arrival::ends(Hop::unknown(at, none, [gap]).changed_by(change)),
        Ok(roles) if roles.is_empty() => Arrival::ends(
            Hop::no(at, format!("{none}, and the cluster knows no role of a node")).changed_by(change),
        ),
        Ok(roles) => {
            let named: Vec<String> = roles.iter().map(|role| format!("`{role}`")).collect();
            let gap = Gap::new(
                format!("which node pods of {who} run on, and whether they reach its metadata service"),
                format!("then they act as the node's role: {}", named.join(" or ")),
            )
            .filled_by("aws ec2 describe-instances --query 'Reservations[].Instances[].[IamInstanceProfile,MetadataOptions]'");
            let hop = Hop::unknown(at, none, [gap]).changed_by(change);
            let credentials = roles.first().filter(|_| roles.len() == 1).cloned();
            let region = &pod.account.cluster.region;
            Arrival {
                hops: vec![hop],
                credentials: credentials.map(|role| Credentials::of_role(role, Some(region))),
            }
        }
    }
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
