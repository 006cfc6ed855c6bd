use crate::audit::prelude::*;

about! {
    /// A command registers a cluster by a token that never ends.
    ///
    /// `argocd cluster add` makes a service account that is administrator of the cluster, and keeps its token in a Secret of Argo
    /// CD. With `--aws-cluster-name` (and `--aws-role-arn`) it makes neither, and Argo CD comes by its IAM role.
    ///
    /// ```bash finds
    /// argocd cluster add arn:aws:eks:eu-west-1:444455556666:cluster/spoke --name spoke
    /// ```
    ///
    /// ```bash clean
    /// argocd cluster add arn:aws:eks:eu-west-1:444455556666:cluster/spoke --name spoke \
    ///   --aws-cluster-name spoke --aws-role-arn arn:aws:iam::444455556666:role/argocd-spoke
    /// ```
    ///
    /// References: Argo CD, cmd/argocd/commands/cluster.go; util/clusterauth/clusterauth.go
    Warning, Likely, Security
}

#[derive(Debug, Error)]
#[error("the cluster is registered by a token that never ends, of an administrator")]
struct Copied;

impl Facts for Copied {
    fn help(&self) -> Vec<String> {
        vec!["add `--aws-cluster-name <name>`, and an access entry for Argo CD's role; or write the cluster Secret".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for command in scene.commands() {
        let text = &command.text;
        if text.contains("argocd cluster add")
            && !text.contains("--aws-cluster-name")
            && !text.contains("--exec-command")
            && !text.contains("--in-cluster")
        {
            sink.found(command.place(), &Copied);
        }
    }
}
