use crate::audit::prelude::*;

about! {
    /// A command registers a cluster without checking its certificate.
    ///
    /// `--insecure` in `argocd cluster add` stays in the cluster Secret: from then on nobody checks whom Argo CD's tokens go to.
    ///
    /// ```bash finds
    /// argocd cluster add spoke --aws-cluster-name spoke --insecure
    /// ```
    ///
    /// ```bash fixed
    /// argocd cluster add spoke --aws-cluster-name spoke
    /// ```
    ///
    /// ```bash clean
    /// argocd cluster add spoke --aws-cluster-name spoke
    /// ```
    ///
    /// References: Argo CD, cmd/argocd/commands/cluster.go
    Error, Certain, Security
}

#[derive(Debug, Error)]
#[error("Argo CD won't check the cluster's certificate from now on")]
struct Copied;

impl Facts for Copied {
    fn help(&self) -> Vec<String> {
        vec!["leave `--insecure` out: EKS's certificate authority is in the kubeconfig".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for command in scene.commands() {
        let text = &command.text;
        if text.contains("argocd cluster add") && text.split_whitespace().any(|word| word == "--insecure") {
            let source = scene.source(&command.file);
            let fix = source.and_then(|source| source.struck(command.at, "--insecure"));
            sink.mended(command.place(), &Copied, fix);
        }
    }
}
