use crate::audit::prelude::*;

about! {
    /// The aws-auth ConfigMap puts somebody into `system:masters`.
    ///
    /// The group may do everything, past RBAC: no binding shows it, none can take it away, and no audit of bindings finds it.
    ///
    /// ```yaml finds
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: aws-auth, namespace: kube-system}
    /// data:
    ///   mapRoles: |
    ///     - rolearn: arn:aws:iam::444455556666:role/argocd-spoke
    ///       username: argocd
    ///       groups: ["system:masters"]
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
    /// References: Kubernetes, "Role Based Access Control Good Practices"; EKS Best Practices Guide, "Identity and Access
    /// Management".
    Error, Certain, Security
}

#[derive(Debug, Error)]
#[error("`{arn}` is in `system:masters`, and may do everything past RBAC")]
struct Master<'p> {
    arn: &'p str,
}

impl Facts for Master<'_> {
    fn help(&self) -> Vec<String> {
        vec!["give it a group of its own, and bind to that what it needs".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for (map, read) in super::aws_auths(scene) {
        for (key, items) in [("mapRoles", &read.roles.items), ("mapUsers", &read.users.items)] {
            for item in items.iter().filter(|item| item.counts()) {
                if item.groups.iter().any(|group| group == "system:masters") {
                    sink.found(super::block_place(map, key), &Master { arn: &item.arn });
                }
            }
        }
    }
}
