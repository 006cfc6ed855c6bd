use access::argocd_rbac::ArgocdRbac;

use crate::audit::prelude::*;

about! {
    /// Argo CD refuses its RBAC policy, and then answers nobody.
    ///
    /// A line of `policy.csv` that isn't one, and argocd-server doesn't start; one that runs already answers no request.
    ///
    /// ```yaml finds
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: argocd-rbac-cm, namespace: argocd}
    /// data:
    ///   policy.csv: |
    ///     p, role:deployers, applications, sync, allow
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: argocd-rbac-cm, namespace: argocd}
    /// data:
    ///   policy.csv: |
    ///     p, role:deployers, applications, sync, payments/*, allow
    /// ```
    ///
    /// References: Argo CD, util/rbac/rbac.go, `loadPolicyLine`, `syncUpdate`
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("Argo CD refuses its RBAC policy: {why}")]
struct Refused {
    why: String,
}

impl Facts for Refused {
    fn help(&self) -> Vec<String> {
        vec!["check it with `argocd admin settings rbac validate`".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for map in scene.settings("argocd-rbac-cm") {
        let (_, problems) = ArgocdRbac::of_config(&map.texts());
        for problem in problems {
            let key = map.node.entries().iter().find(|(key, _)| problem.place.file.contains(&*key.text));
            let node = key.map_or(map.node, |(_, value)| value);
            sink.found(map.at(node), &Refused { why: problem.message });
        }
    }
}
