use std::collections::BTreeSet;

use access::cluster_identity::{AuthenticationMode, AwsAuth};
use inventory::{Cluster, Known};

use crate::audit::prelude::*;

about! {
    /// A binding names a group that nobody of the cluster has.
    ///
    /// Neither an access entry nor aws-auth gives it. The binding does nothing now, and whoever may write an access entry can
    /// give himself the group. (Groups may also come by an OIDC identity provider of the cluster, which an inventory doesn't
    /// have.)
    ///
    /// ```yaml finds
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/describe-cluster.json <==
    /// {"cluster": {"name": "spoke", "arn": "arn:aws:eks:eu-west-1:444455556666:cluster/spoke", "accessConfig": {"authenticationMode": "API"}}}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/list-access-entries.json <==
    /// {"accessEntries": []}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/clusterrolebindings.yaml <==
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: argocd}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: argocd-old}]
    /// ```
    ///
    /// ```yaml clean
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/describe-cluster.json <==
    /// {"cluster": {"name": "spoke", "arn": "arn:aws:eks:eu-west-1:444455556666:cluster/spoke", "accessConfig": {"authenticationMode": "API"}}}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/list-access-entries.json <==
    /// {"accessEntries": ["arn:aws:iam::444455556666:role/argocd-spoke"]}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/describe-access-entry-argocd.json <==
    /// {"accessEntry": {
    ///   "clusterName": "spoke", "type": "STANDARD",
    ///   "principalArn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "kubernetesGroups": ["argocd"]
    /// }}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/clusterrolebindings.yaml <==
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: argocd}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: argocd}]
    /// ```
    ///
    /// References: EKS User Guide, "Create access entries"; Kubernetes, "Using RBAC Authorization".
    Note, Possible, Security
}

#[derive(Debug, Error)]
#[error("nobody of the cluster has the group `{group}`, by an access entry or aws-auth")]
struct Unheld<'s> {
    group: &'s str,
}

impl Facts for Unheld<'_> {
    fn help(&self) -> Vec<String> {
        vec!["remove the binding, or give the group to somebody by an access entry".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let Some((_, cluster)) = scene.cluster() else { return };
    let held = match groups(cluster) {
        Ok(held) => held,
        Err(gap) => return sink.skip(&gap),
    };
    for binding in scene.of_kind("ClusterRoleBinding").chain(scene.of_kind("RoleBinding")) {
        // What EKS itself binds is its own matter.
        if binding.name.starts_with("eks:") || binding.name.starts_with("system:") {
            continue;
        }
        for subject in binding.node.get("subjects").map(Node::items).unwrap_or_default() {
            let Some(name) = subject.get("name").filter(|_| subject.text_at("kind") == Some("Group")) else {
                continue;
            };
            let Some(group) =
                name.text().filter(|group| !group.starts_with("system:") && !group.starts_with("eks:"))
            else {
                continue;
            };
            if !held.contains(group) {
                sink.found(binding.at(name), &Unheld { group });
            }
        }
    }
}

/// Groups that the cluster's callers have.
fn groups(cluster: &Cluster) -> Result<BTreeSet<String>, facts::Gap> {
    let mode = AuthenticationMode::of(cluster)?;
    let mut held = BTreeSet::new();
    if mode.reads_entries() {
        match &cluster.access_entries {
            Known::Gap(gap) => return Err(gap.clone()),
            Known::Known(entries) => {
                held.extend(entries.values().flat_map(|entry| entry.groups.iter().cloned()))
            }
        }
    }
    if mode.reads_aws_auth() {
        let map = AwsAuth::of(cluster)?;
        let items = map.roles.items.iter().chain(&map.users.items);
        held.extend(items.filter(|item| item.counts()).flat_map(|item| item.groups.iter().cloned()));
    }
    Ok(held)
}
