use crate::audit::prelude::*;

about! {
    /// A command gives Argo CD's role `AmazonEKSClusterPolicy`.
    ///
    /// The name misleads: it is what EKS's control plane needs of AWS, and gives no access to any cluster. Access comes by an
    /// access entry with `AmazonEKSClusterAdminPolicy` or, better, a group.
    ///
    /// ```bash finds
    /// aws iam attach-role-policy --role-name argocd-spoke \
    ///   --policy-arn arn:aws:iam::aws:policy/AmazonEKSClusterPolicy
    /// ```
    ///
    /// ```bash clean
    /// aws eks create-access-entry --cluster-name spoke --kubernetes-groups argocd \
    ///   --principal-arn arn:aws:iam::444455556666:role/argocd-spoke
    /// ```
    ///
    /// References: AWS Managed Policy Reference, "AmazonEKSClusterPolicy"; EKS User Guide, "Amazon EKS cluster IAM role"
    Error, Likely, Operations
}

#[derive(Debug, Error)]
#[error("`AmazonEKSClusterPolicy` is for the control plane of a cluster, and gives no access to one")]
struct Copied;

impl Facts for Copied {
    fn help(&self) -> Vec<String> {
        vec!["leave it out, and make an access entry".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for command in scene.commands() {
        let text = &command.text;
        if attaches(text)
            && text.to_ascii_lowercase().contains("argo")
            && text.contains("policy/AmazonEKSClusterPolicy")
        {
            sink.found(command.place(), &Copied);
        }
    }
}

fn attaches(text: &str) -> bool {
    text.contains("attach-role-policy")
}
