use crate::audit::prelude::*;

about! {
    /// A command asks for the group `system:masters` in an access entry.
    ///
    /// EKS refuses it: "The kubernetes group name system:masters is invalid, it cannot start with system:". AWS's own page on the
    /// Argo CD capability has it.
    ///
    /// ```bash finds
    /// aws eks create-access-entry --cluster-name spoke --kubernetes-groups system:masters \
    ///   --principal-arn arn:aws:iam::111122223333:role/argocd-capability
    /// ```
    ///
    /// ```bash clean
    /// aws eks create-access-entry --cluster-name spoke --kubernetes-groups argocd \
    ///   --principal-arn arn:aws:iam::111122223333:role/argocd-capability
    /// ```
    ///
    /// References: EKS User Guide, "Considerations for the Argo CD capability"; EKS API, CreateAccessEntry
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("EKS refuses groups that begin with `system:` in an access entry")]
struct Copied;

impl Facts for Copied {
    fn help(&self) -> Vec<String> {
        vec!["take a group of your own, and bind it to what is needed".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for command in scene.commands() {
        let text = &command.text;
        if text.contains("access-entry")
            && text.contains("--kubernetes-groups")
            && text.contains("system:masters")
        {
            sink.found(command.place(), &Copied);
        }
    }
}
