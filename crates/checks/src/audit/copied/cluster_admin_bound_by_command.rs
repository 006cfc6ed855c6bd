use crate::audit::prelude::*;

about! {
    /// A command binds somebody to `cluster-admin`.
    ///
    /// For Argo CD's service accounts it is often copied to make "is forbidden" go away.
    ///
    /// ```bash finds
    /// kubectl create clusterrolebinding argocd --clusterrole=cluster-admin --group=argocd
    /// ```
    ///
    /// ```bash clean
    /// kubectl -n payments create rolebinding argocd --clusterrole=edit --group=argocd
    /// ```
    ///
    /// References: Kubernetes, "Role Based Access Control Good Practices"
    Warning, Certain, Security
}

#[derive(Debug, Error)]
#[error("whoever is bound may do everything on the cluster")]
struct Copied;

impl Facts for Copied {
    fn help(&self) -> Vec<String> {
        vec!["bind a role with just what is needed".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for command in scene.commands() {
        let text = &command.text;
        if text.contains("clusterrolebinding")
            && text.contains("create")
            && text.contains("--clusterrole")
            && text.contains("cluster-admin")
        {
            sink.found(command.place(), &Copied);
        }
    }
}
