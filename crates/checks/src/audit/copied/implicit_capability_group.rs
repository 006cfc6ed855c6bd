use crate::audit::prelude::*;

about! {
    /// A binding names a group that EKS doesn't give.
    ///
    /// A page of the EKS User Guide on the Argo CD capability binds the group `eks-access-entry:<principal ARN>` and says that
    /// every access entry has it. Those who tried found `kubernetesGroups` empty and the group bound to nobody; names of groups
    /// are limited to 63 characters besides. Give the entry a group of your own.
    ///
    /// ```yaml finds
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: argocd}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    ///   - apiGroup: rbac.authorization.k8s.io
    ///     kind: Group
    ///     name: eks-access-entry:arn:aws:iam::111122223333:role/argocd-capability
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: argocd}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    ///   - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: argocd}
    /// ```
    ///
    /// References: EKS User Guide, "Register target clusters" (Argo CD capability);
    /// ministryofjustice/modernisation-platform-environments, pull request 18221
    Warning, Possible, Operations
}

#[derive(Debug, Error)]
#[error("no access entry is known to give the group `{group}`: the binding probably gives nothing")]
struct Implicit<'s> {
    group: &'s str,
}

impl Facts for Implicit<'_> {
    fn help(&self) -> Vec<String> {
        vec!["set `kubernetesGroups` of the access entry, and bind that group; `aws eks describe-access-entry` shows what it has".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for binding in scene.of_kind("ClusterRoleBinding").chain(scene.of_kind("RoleBinding")) {
        for subject in binding.node.get("subjects").map(Node::items).unwrap_or_default() {
            let name = subject.get("name").and_then(|node| Some((node, node.text()?)));
            if let Some((node, group)) = name.filter(|(_, group)| group.starts_with("eks-access-entry:")) {
                sink.found(binding.at(node), &Implicit { group });
            }
        }
    }
}
