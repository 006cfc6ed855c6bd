use crate::audit::prelude::*;

about! {
    /// Argo CD's role has its power by access policies alone, and so can't deploy Roles and bindings.
    ///
    /// Who writes a Role or a binding must hold what is in it, and that check asks RBAC only: what comes by
    /// `AmazonEKSAdminPolicy` doesn't count. Charts that ship RBAC fail with "attempting to grant RBAC permissions not currently
    /// held". (`AmazonEKSClusterAdminPolicy` passes, because `*` includes `escalate` and `bind`.)
    ///
    /// Looked for where the principal has `argo` in its name.
    ///
    /// ```yaml finds
    /// Resources:
    ///   Entry:
    ///     Type: AWS::EKS::AccessEntry
    ///     Properties:
    ///       ClusterName: spoke
    ///       PrincipalArn: arn:aws:iam::444455556666:role/argocd-spoke
    ///       AccessPolicies:
    ///         - PolicyArn: arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy
    ///           AccessScope: {Type: namespace, Namespaces: [payments]}
    /// ```
    ///
    /// ```yaml clean
    /// Resources:
    ///   Entry:
    ///     Type: AWS::EKS::AccessEntry
    ///     Properties:
    ///       ClusterName: spoke
    ///       PrincipalArn: arn:aws:iam::444455556666:role/argocd-spoke
    ///       KubernetesGroups: [argocd]
    /// ```
    ///
    /// References: Kubernetes, pkg/registry/rbac/validation/rule.go, `ConfirmNoEscalation`; containers-roadmap issue 2682.
    Warning, Likely, Operations
}

#[derive(Debug, Error)]
#[error(
    "`{principal}` can't write Roles and bindings: its power comes by `{policy}` alone, which doesn't count for them"
)]
struct NoRbac<'s> {
    principal: &'s str,
    policy: &'s str,
}

impl Facts for NoRbac<'_> {
    fn help(&self) -> Vec<String> {
        vec![
            "give the entry a group, and bind to it by RBAC what the Roles that Argo CD deploys have in them"
                .to_owned(),
        ]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let entries = scene.entries();
    for associated in scene.associated() {
        let Some(policy @ ("AmazonEKSAdminPolicy" | "AmazonEKSEditPolicy")) = associated.name() else {
            continue;
        };
        let Some(principal) = associated.principal.filter(|arn| arn.to_ascii_lowercase().contains("argo"))
        else {
            continue;
        };
        let own = entries.iter().find(|entry| entry.principal().and_then(Node::text) == Some(principal));
        // Groups that aren't known, or bind elsewhere, may give it.
        if own.is_some_and(|entry| entry.groups().is_empty()) {
            sink.found(associated.place(), &NoRbac { principal, policy });
        }
    }
}
