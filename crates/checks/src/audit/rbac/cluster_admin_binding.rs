use crate::audit::prelude::*;

about! {
    /// Somebody is bound to `cluster-admin`.
    ///
    /// For Argo CD it means that whoever writes to a repository that it follows, or to an Application, is administrator of the
    /// cluster. In a RoleBinding the ClusterRole gives everything in the namespace.
    ///
    /// ```yaml finds
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: argocd}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
    /// subjects:
    ///   - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: argocd}
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: argocd, namespace: payments}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
    /// subjects:
    ///   - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: argocd}
    /// ```
    ///
    /// References: Kubernetes, "Using RBAC Authorization", on user-facing roles; "Role Based Access Control Good Practices".
    Warning, Certain, Security
}

#[derive(Debug, Error)]
#[error("{subject} may do everything {scope}")]
struct Admin {
    subject: String,
    scope: String,
    argocd: bool,
}

impl Facts for Admin {
    fn severity(&self) -> Option<Severity> {
        self.argocd.then_some(Severity::Error)
    }

    fn help(&self) -> Vec<String> {
        vec!["bind a role with just what is needed: `oarlock plan` works out Argo CD's".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for binding in super::bindings(scene).filter(|binding| binding.name != "cluster-admin") {
        let is_admin = super::role_ref(binding)
            .is_some_and(|role| role.kind == "ClusterRole" && role.name == "cluster-admin");
        if !is_admin {
            continue;
        }
        for (node, subject) in super::subjects(binding) {
            let scope = match binding.namespace.filter(|_| binding.kind == "RoleBinding") {
                Some(namespace) => format!("in namespace `{namespace}`"),
                None => "on the cluster".to_owned(),
            };
            let argocd =
                binding.kind == "ClusterRoleBinding" && subject.name.to_ascii_lowercase().contains("argo");
            sink.found(binding.at(node), &Admin { subject: super::subject_title(&subject), scope, argocd });
        }
    }
}
