use crate::audit::prelude::*;

about! {
    /// A command of the AWS CLI is copied that doesn't exist.
    ///
    /// Argo CD's documentation has `aws eks associate-pod-identity`. There is no such command: it is
    /// `create-pod-identity-association`.
    ///
    /// ```bash finds
    /// aws eks associate-pod-identity --cluster-name hub --namespace argocd \
    ///   --service-account argocd-server --role-arn arn:aws:iam::111122223333:role/argocd-management
    /// ```
    ///
    /// ```bash clean
    /// aws eks create-pod-identity-association --cluster-name hub --namespace argocd \
    ///   --service-account argocd-server --role-arn arn:aws:iam::111122223333:role/argocd-management
    /// ```
    ///
    /// References: Argo CD, docs/operator-manual/declarative-setup.md, "EKS"; AWS CLI Command Reference,
    /// "create-pod-identity-association"
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("`aws eks associate-pod-identity` doesn't exist")]
struct Copied;

impl Facts for Copied {
    fn help(&self) -> Vec<String> {
        vec!["write `aws eks create-pod-identity-association`".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for command in scene.commands() {
        let text = &command.text;
        if text.contains("eks associate-pod-identity") {
            sink.found(command.place(), &Copied);
        }
    }
}
