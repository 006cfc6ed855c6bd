use crate::audit::prelude::*;

about! {
    /// A binding names the user of one session of a role.
    ///
    /// The default user name of a role's access entry ends in the session's name, which the SDK makes up anew for each token of
    /// Argo CD: a binding to it holds until the next token. Bind to a group that the entry names.
    ///
    /// ```yaml finds
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: argocd}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    ///   - apiGroup: rbac.authorization.k8s.io
    ///     kind: User
    ///     name: arn:aws:sts::444455556666:assumed-role/argocd-spoke/1700000000000000000
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: argocd}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    ///   - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: argocd}
    /// ```
    ///
    /// References: EKS User Guide, "Create access entries", on user names; Argo CD, cmd/argocd-k8s-auth/commands/aws.go.
    Warning, Likely, Operations
}

#[derive(Debug, Error)]
#[error("`{user}` is one session of a role: the next one has another name")]
struct OneSession<'s> {
    user: &'s str,
}

impl Facts for OneSession<'_> {
    fn help(&self) -> Vec<String> {
        vec!["give the access entry a Kubernetes group, and bind to the group".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for binding in scene.of_kind("ClusterRoleBinding").chain(scene.of_kind("RoleBinding")) {
        for subject in binding.node.get("subjects").map(Node::items).unwrap_or_default() {
            let Some(name) = subject.get("name") else { continue };
            let Some(user) = name.text().filter(|_| subject.text_at("kind") == Some("User")) else {
                continue;
            };
            // An ARN of IAM is the user name of an IAM user, or whatever somebody chose.
            if user.contains(":assumed-role/") {
                sink.found(binding.at(name), &OneSession { user });
            }
        }
    }
}
