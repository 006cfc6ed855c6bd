use crate::audit::prelude::*;

about! {
    /// A destination that is meant to forbid something allows everything else.
    ///
    /// An entry with `!` counts twice: it forbids what it matches, and it permits whatever it doesn't match, since `!kube-system`
    /// is a pattern that every other namespace fits. A project whose only entry is `!kube-system` is open to all the rest.
    ///
    /// ```yaml finds
    /// apiVersion: argoproj.io/v1alpha1
    /// kind: AppProject
    /// metadata: {name: payments, namespace: argocd}
    /// spec:
    ///   sourceRepos: ["https://git.example.com/payments.git"]
    ///   destinations:
    ///     - {name: payments-prod, namespace: payments}
    ///     - {name: "*", namespace: "!kube-system"}
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: argoproj.io/v1alpha1
    /// kind: AppProject
    /// metadata: {name: payments, namespace: argocd}
    /// spec:
    ///   sourceRepos: ["https://git.example.com/payments.git"]
    ///   destinations:
    ///     - {name: payments-prod, namespace: "payments-*"}
    /// ```
    ///
    /// References: Argo CD, pkg/apis/application/v1alpha1/app_project_types.go, `isDestinationMatched`; issues 19804 and 21538
    Warning, Certain, Security
}

#[derive(Debug, Error)]
#[error("`{pattern}` permits every {what} but that one, for the project `{project}`")]
struct Rest<'s> {
    pattern: &'s str,
    what: &'static str,
    project: &'s str,
}

impl Facts for Rest<'_> {
    fn help(&self) -> Vec<String> {
        vec!["list what is permitted; what isn't listed is forbidden without an entry for it".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for project in scene.of_kind("AppProject") {
        for destination in
            project.node.at_path(&["spec", "destinations"]).map(Node::items).unwrap_or_default()
        {
            let fields = [("namespace", "namespace"), ("server", "cluster"), ("name", "cluster")];
            for (node, what) in
                fields.iter().filter_map(|(field, what)| Some((destination.get(field)?, *what)))
            {
                if let Some(pattern) = node.text().filter(|text| text.starts_with('!')) {
                    sink.found(project.at(node), &Rest { pattern, what, project: project.name });
                }
            }
        }
    }
}
