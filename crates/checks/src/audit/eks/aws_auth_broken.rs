use crate::audit::prelude::*;

about! {
    /// A part of the aws-auth ConfigMap can't be read.
    ///
    /// `mapRoles`, `mapUsers` and `mapAccounts` are texts that hold YAML: a `|` after the key, and a list below. A text that
    /// isn't YAML maps nobody, and whoever depended on it is locked out.
    ///
    /// ```yaml finds
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: aws-auth, namespace: kube-system}
    /// data:
    ///   mapRoles: |
    ///     rolearn: arn:aws:iam::444455556666:role/argocd-spoke
    ///     username: argocd
    ///     groups: [argocd]
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: aws-auth, namespace: kube-system}
    /// data:
    ///   mapRoles: |
    ///     - rolearn: arn:aws:iam::444455556666:role/argocd-spoke
    ///       username: argocd
    ///       groups: [argocd]
    /// ```
    ///
    /// References: EKS User Guide, "Grant IAM users and roles access to Kubernetes APIs with a ConfigMap"; aws-iam-authenticator,
    /// pkg/mapper/configmap/configmap.go.
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("`{key}` of aws-auth maps nobody: {problem}")]
struct Broken {
    key: &'static str,
    problem: String,
}

impl Facts for Broken {
    fn help(&self) -> Vec<String> {
        vec![format!("write `{}: |`, and below it a list", self.key)]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for (map, read) in super::aws_auths(scene) {
        let problems = [
            ("mapRoles", &read.roles.problem),
            ("mapUsers", &read.users.problem),
            ("mapAccounts", &read.accounts.problem),
        ];
        for (key, problem) in problems {
            if let Some(problem) = problem {
                sink.found(super::block_place(map, key), &Broken { key, problem: problem.to_string() });
            }
        }
    }
}
