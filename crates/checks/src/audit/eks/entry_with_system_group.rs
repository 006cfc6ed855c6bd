use crate::audit::prelude::*;

about! {
    /// An access entry names a group that EKS refuses.
    ///
    /// Kubernetes groups of access entries can't begin with `system:`: "The kubernetes group name system:masters is invalid, it
    /// cannot start with system:". A page of AWS's own guide on the Argo CD capability shows `--kubernetes-groups system:masters`
    /// all the same.
    ///
    /// ```yaml finds
    /// Resources:
    ///   Entry:
    ///     Type: AWS::EKS::AccessEntry
    ///     Properties:
    ///       ClusterName: spoke
    ///       PrincipalArn: arn:aws:iam::444455556666:role/argocd-spoke
    ///       KubernetesGroups: ["system:masters"]
    /// ```
    ///
    /// ```yaml clean
    /// Resources:
    ///   Entry:
    ///     Type: AWS::EKS::AccessEntry
    ///     Properties:
    ///       ClusterName: spoke
    ///       PrincipalArn: arn:aws:iam::444455556666:role/argocd-spoke
    ///       KubernetesGroups: [argocd]
    /// ```
    ///
    /// References: EKS API, CreateAccessEntry; EKS User Guide, "Create access entries".
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("EKS refuses the group `{group}` in an access entry: it begins with `system:`")]
struct SystemGroup<'s> {
    group: &'s str,
}

impl Facts for SystemGroup<'_> {
    fn help(&self) -> Vec<String> {
        vec!["take a group name of your own, and bind it to a ClusterRole".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    // EKS gives its nodes' entries such groups itself.
    for entry in scene.entries().iter().filter(|entry| entry.kind() == "STANDARD") {
        for (node, group) in entry.groups().iter().filter_map(|node| Some((node, node.text()?))) {
            if group.starts_with("system:") {
                sink.found(entry.at(node), &SystemGroup { group });
            }
        }
    }
}
