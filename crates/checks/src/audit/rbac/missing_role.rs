use crate::audit::prelude::*;

about! {
    /// A binding refers to a role that isn't there.
    ///
    /// It gives nothing now, and whoever may create a role of that name decides what it will give. `roleRef` can't be changed:
    /// the binding has to be made again.
    ///
    /// ```yaml finds
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/clusterroles.yaml <==
    /// apiVersion: v1
    /// kind: List
    /// items: []
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/roles.yaml <==
    /// apiVersion: v1
    /// kind: List
    /// items: []
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/rolebindings.yaml <==
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: argocd, namespace: payments}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
    /// subjects:
    ///   - {kind: ServiceAccount, name: deployer, namespace: payments}
    /// ```
    ///
    /// ```yaml clean
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/roles.yaml <==
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: deployer, namespace: payments}
    /// rules: [{apiGroups: [apps], resources: [deployments], verbs: [get]}]
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/rolebindings.yaml <==
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: argocd, namespace: payments}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
    /// subjects:
    ///   - {kind: ServiceAccount, name: deployer, namespace: payments}
    /// ```
    ///
    /// References: Kubernetes, "Using RBAC Authorization", on RoleBinding and ClusterRoleBinding.
    Warning, Certain, Operations
}

#[derive(Debug, Error)]
#[error("{binding} gives nothing: there is no {kind} `{name}`")]
struct NoRole {
    binding: String,
    kind: String,
    name: String,
}

impl Facts for NoRole {
    fn help(&self) -> Vec<String> {
        vec![format!("make the {} or delete the binding", self.kind)]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let Some((_, cluster)) = scene.cluster() else { return };
    for binding in super::bindings(scene) {
        let Some(role) = super::role_ref(binding) else { continue };
        let list = if role.kind == "Role" { "roles" } else { "clusterroles" };
        if let Err(gap) = cluster.kubernetes.list(list) {
            sink.skip(&gap);
            continue;
        }
        let namespace = binding.namespace.filter(|_| role.kind == "Role");
        let is_built_in = ["cluster-admin", "admin", "edit", "view"].contains(&role.name.as_str())
            || role.name.starts_with("system:");
        let is = |there: &&::rbac::Role| there.name == role.name && there.namespace.as_deref() == namespace;
        if (list != "clusterroles" || !is_built_in)
            && !cluster.kubernetes.roles.iter().any(|there| is(&there))
        {
            let place = binding.node.at_path(&["roleRef", "name"]).unwrap_or(binding.node);
            sink.found(
                binding.at(place),
                &NoRole { binding: binding.title(), kind: role.kind, name: role.name },
            );
        }
    }
}
