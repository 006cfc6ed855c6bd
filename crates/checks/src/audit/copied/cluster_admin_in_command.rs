use crate::audit::prelude::*;

about! {
    /// A command makes Argo CD's role administrator of a cluster.
    ///
    /// It is the way of nearly every guide, since nobody tells what Argo CD needs. From then on whoever can write to a repository
    /// that Argo CD follows is administrator of the cluster.
    ///
    /// ```bash finds
    /// aws eks associate-access-policy --cluster-name spoke --access-scope type=cluster \
    ///   --principal-arn arn:aws:iam::444455556666:role/argocd-spoke \
    ///   --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy
    /// ```
    ///
    /// ```bash clean
    /// aws eks associate-access-policy --cluster-name spoke --access-scope type=namespace,namespaces=payments \
    ///   --principal-arn arn:aws:iam::444455556666:role/argocd-spoke \
    ///   --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy
    /// ```
    ///
    /// References: Argo CD, docs/operator-manual/declarative-setup.md, "EKS"; EKS User Guide, "Review access policy permissions"
    Warning, Certain, Security
}

#[derive(Debug, Error)]
#[error("the role may do everything on the cluster")]
struct Copied;

impl Facts for Copied {
    fn help(&self) -> Vec<String> {
        vec!["give the entry a group, and bind what `oarlock plan` works out".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for command in scene.commands() {
        let text = &command.text;
        if text.contains("associate-access-policy")
            && text.contains("AmazonEKSClusterAdminPolicy")
            && text.contains("type=cluster")
        {
            sink.found(command.place(), &Copied);
        }
    }
}
