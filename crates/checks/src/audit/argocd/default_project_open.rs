use crate::audit::prelude::*;

about! {
    /// The `default` project lets every Application deploy everything everywhere.
    ///
    /// Argo CD makes it that way, and an Application that names no project is in it. Whoever may create Applications there
    /// deploys whatever he likes to every cluster that Argo CD knows. It can't be deleted; it can be emptied.
    ///
    /// ```yaml finds
    /// apiVersion: argoproj.io/v1alpha1
    /// kind: AppProject
    /// metadata: {name: default, namespace: argocd}
    /// spec:
    ///   sourceRepos: ["*"]
    ///   destinations: [{server: "*", namespace: "*"}]
    ///   clusterResourceWhitelist: [{group: "*", kind: "*"}]
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: argoproj.io/v1alpha1
    /// kind: AppProject
    /// metadata: {name: default, namespace: argocd}
    /// spec:
    ///   sourceRepos: []
    ///   destinations: []
    /// ```
    ///
    /// References: Argo CD, docs/user-guide/projects.md, "The Default Project"
    Warning, Certain, Security
}

#[derive(Debug, Error)]
#[error("every Application of the project `{project}` may deploy every kind to every cluster")]
struct Open<'s> {
    project: &'s str,
}

impl Facts for Open<'_> {
    fn help(&self) -> Vec<String> {
        vec!["empty `sourceRepos` and `destinations`, and give each team a project of its own".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for project in scene.of_kind("AppProject").filter(|project| project.name == "default") {
        if let Some(node) = super::open_destination(project) {
            sink.found(project.at(node), &Open { project: project.name });
        }
    }
}
