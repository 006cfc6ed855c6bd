use crate::audit::prelude::*;

about! {
    /// A binding is for a namespace's `default` service account.
    ///
    /// Every pod that names none runs as it: what is bound to it, all of them have.
    ///
    /// ```yaml finds
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: default-edit, namespace: payments}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
    /// subjects:
    ///   - {kind: ServiceAccount, name: default, namespace: payments}
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: deployer-edit, namespace: payments}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
    /// subjects:
    ///   - {kind: ServiceAccount, name: deployer, namespace: payments}
    /// ```
    ///
    /// References: Kubernetes, "Using RBAC Authorization", on service account permissions.
    Warning, Certain, Security
}

#[derive(Debug, Error)]
#[error("every pod of namespace `{namespace}` that names no service account has what {binding} gives")]
struct Default {
    namespace: String,
    binding: String,
}

impl Facts for Default {
    fn help(&self) -> Vec<String> {
        vec!["make a service account for the workload that needs it, and bind to that".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for binding in super::bindings(scene) {
        for (node, subject) in super::subjects(binding) {
            if subject.kind == "ServiceAccount" && subject.name == "default" {
                let namespace =
                    subject.namespace.or_else(|| binding.namespace.map(str::to_owned)).unwrap_or_default();
                sink.found(binding.at(node), &Default { namespace, binding: binding.title() });
            }
        }
    }
}
