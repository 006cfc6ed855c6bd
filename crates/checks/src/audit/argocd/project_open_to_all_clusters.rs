use crate::audit::prelude::*;

about! {
    /// An AppProject lets its Applications deploy to every namespace of every cluster.
    ///
    /// A project never takes away Kubernetes permissions; what its destinations leave open, only RBAC on the clusters can close.
    ///
    /// ```yaml finds
    /// apiVersion: argoproj.io/v1alpha1
    /// kind: AppProject
    /// metadata: {name: payments, namespace: argocd}
    /// spec:
    ///   sourceRepos: ["https://git.example.com/payments.git"]
    ///   destinations: [{server: "*", namespace: "*"}]
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: argoproj.io/v1alpha1
    /// kind: AppProject
    /// metadata: {name: payments, namespace: argocd}
    /// spec:
    ///   sourceRepos: ["https://git.example.com/payments.git"]
    ///   destinations: [{name: payments-prod, namespace: "payments-*"}]
    /// ```
    ///
    /// References: Argo CD, docs/user-guide/projects.md
    Warning, Possible, Security
}

#[derive(Debug, Error)]
#[error("Applications of the project `{project}` may deploy to every namespace of every cluster")]
struct Open<'s> {
    project: &'s str,
}

impl Facts for Open<'_> {
    fn help(&self) -> Vec<String> {
        vec!["list the clusters and namespaces that the project is for".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    // The default one is another check's.
    for project in scene.of_kind("AppProject").filter(|project| project.name != "default") {
        if let Some(node) = super::open_destination(project) {
            sink.found(project.at(node), &Open { project: project.name });
        }
    }
}
