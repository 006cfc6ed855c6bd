use crate::audit::prelude::*;

about! {
    /// A binding is for everybody.
    ///
    /// `system:unauthenticated` and `system:anonymous` are whoever reaches the API server without credentials;
    /// `system:authenticated` is whoever has any, each pod with its service account and each IAM principal with an access entry.
    /// Kubernetes binds next to nothing to them.
    ///
    /// ```yaml finds
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: open}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    ///   - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:unauthenticated"}
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: viewers}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    ///   - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: viewers}
    /// ```
    ///
    /// References: Kubernetes, "Role Based Access Control Good Practices"; "Using RBAC Authorization", on discovery roles.
    Error, Certain, Security
}

#[derive(Debug, Error)]
#[error("{binding} gives {role} to `{group}`: {who}")]
struct Anybody {
    binding: String,
    role: String,
    group: String,
    who: &'static str,
}

impl Facts for Anybody {
    fn help(&self) -> Vec<String> {
        vec!["bind to the groups or service accounts that need it".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for binding in super::bindings(scene) {
        for (node, subject) in super::subjects(binding) {
            let who = match (subject.kind.as_str(), subject.name.as_str()) {
                ("Group", "system:unauthenticated") | ("User", "system:anonymous") => {
                    "whoever reaches the API server"
                }
                ("Group", "system:authenticated") => "whoever has any credentials, every pod among them",
                ("Group", "system:serviceaccounts") => "every pod of the cluster",
                _ => continue,
            };
            let role = super::role_ref(binding)
                .map(|role| format!("{} `{}`", role.kind, role.name))
                .unwrap_or_default();
            sink.found(
                binding.at(node),
                &Anybody { binding: binding.title(), role, group: subject.name, who },
            );
        }
    }
}
