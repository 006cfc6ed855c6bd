use crate::audit::prelude::*;

about! {
    /// A binding names `system:masters`.
    ///
    /// The group may do everything already, past RBAC: the binding changes nothing, and misleads whoever reads it into removing
    /// it to take power away.
    ///
    /// ```yaml finds
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: admins}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    ///   - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:masters"}
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: admins}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    ///   - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: platform-admins}
    /// ```
    ///
    /// References: Kubernetes, "Role Based Access Control Good Practices".
    Note, Certain, Security
}

#[derive(Debug, Error)]
#[error("{binding} gives nothing: `system:masters` may do everything without it")]
struct Masters {
    binding: String,
}

impl Facts for Masters {
    fn help(&self) -> Vec<String> {
        vec!["remove the subject; look for who is in the group instead".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    // Kubernetes' own `cluster-admin` binding does so.
    for binding in super::bindings(scene).filter(|binding| binding.name != "cluster-admin") {
        for (node, subject) in super::subjects(binding) {
            if subject.kind == "Group" && subject.name == "system:masters" {
                sink.found(binding.at(node), &Masters { binding: binding.title() });
            }
        }
    }
}
