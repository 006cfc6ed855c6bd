use crate::audit::prelude::*;

about! {
    /// A command puts a role into `system:masters` by aws-auth.
    ///
    /// It is what old guides on Argo CD and EKS do. The group may do everything, past RBAC, and nothing shows it.
    ///
    /// ```bash finds
    /// eksctl create iamidentitymapping --cluster spoke --group system:masters \
    ///   --arn arn:aws:iam::444455556666:role/argocd-spoke --username argocd
    /// ```
    ///
    /// ```bash clean
    /// eksctl create iamidentitymapping --cluster spoke --group argocd \
    ///   --arn arn:aws:iam::444455556666:role/argocd-spoke --username argocd
    /// ```
    ///
    /// References: eksctl, "Manage IAM users and roles"; Kubernetes, "Role Based Access Control Good Practices"
    Error, Certain, Security
}

#[derive(Debug, Error)]
#[error("the role may do everything on the cluster, past RBAC")]
struct Copied;

impl Facts for Copied {
    fn help(&self) -> Vec<String> {
        vec!["name a group of your own, or make an access entry".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for command in scene.commands() {
        let text = &command.text;
        if text.contains("iamidentitymapping") && text.contains("system:masters") {
            sink.found(command.place(), &Copied);
        }
    }
}
