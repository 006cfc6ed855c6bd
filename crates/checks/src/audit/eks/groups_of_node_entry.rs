use crate::audit::prelude::*;

about! {
    /// An access entry for nodes has Kubernetes groups or a policy of its own.
    ///
    /// Only entries of type `STANDARD` take Kubernetes groups and access policies. Entries of the other types get theirs from
    /// EKS; what is asked for beyond that is refused.
    ///
    /// ```yaml finds
    /// Resources:
    ///   Entry:
    ///     Type: AWS::EKS::AccessEntry
    ///     Properties:
    ///       ClusterName: spoke
    ///       PrincipalArn: arn:aws:iam::444455556666:role/argocd-spoke
    ///       Type: EC2_LINUX
    ///       KubernetesGroups: [argocd]
    /// ```
    ///
    /// ```yaml clean
    /// Resources:
    ///   Entry:
    ///     Type: AWS::EKS::AccessEntry
    ///     Properties:
    ///       ClusterName: spoke
    ///       PrincipalArn: arn:aws:iam::444455556666:role/argocd-spoke
    ///       Type: STANDARD
    ///       KubernetesGroups: [argocd]
    /// ```
    ///
    /// References: EKS API, CreateAccessEntry; EKS User Guide, "Create access entries".
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("an access entry of type `{kind}` takes no groups")]
struct Groups<'s> {
    kind: &'s str,
}

impl Facts for Groups<'_> {
    fn help(&self) -> Vec<String> {
        vec!["make it of type `STANDARD`, or leave the groups out".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for entry in scene.entries().iter().filter(|entry| entry.kind() != "STANDARD") {
        // What EKS itself has set, the AWS CLI prints.
        let own = entry.groups().iter().find(|node| {
            node.text().is_some_and(|group| !group.starts_with("system:") && !group.starts_with("eks:"))
        });
        if let Some(group) = own {
            sink.found(entry.at(group), &Groups { kind: entry.kind() });
        }
    }
}
