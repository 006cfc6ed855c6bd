use crate::audit::prelude::*;

about! {
    /// An access entry's principal is none that an entry can have.
    ///
    /// Entries are for IAM roles and users, by their ARN: not for a session (`arn:aws:sts::…:assumed-role/…`), not for a role of
    /// AWS's own services (`role/aws-service-role/…`), and without wildcards.
    ///
    /// ```yaml finds
    /// Resources:
    ///   Entry:
    ///     Type: AWS::EKS::AccessEntry
    ///     Properties:
    ///       ClusterName: spoke
    ///       PrincipalArn: arn:aws:sts::444455556666:assumed-role/argocd-spoke/session
    ///       KubernetesGroups: [argocd]
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
    /// References: EKS User Guide, "Create access entries"; EKS API, CreateAccessEntry.
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("`{principal}` can't have an access entry: {why}")]
struct NoPrincipal<'s> {
    principal: &'s str,
    why: &'static str,
}

impl Facts for NoPrincipal<'_> {
    fn help(&self) -> Vec<String> {
        vec!["name the role: `arn:aws:iam::<account>:role/<name>`".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for entry in scene.entries() {
        let Some(principal) = entry.principal().and_then(Node::text) else { continue };
        let why = if principal.contains(":assumed-role/") {
            "it is a session"
        } else if principal.contains(":role/aws-service-role/") {
            "it is a service-linked role"
        } else if principal.contains('*') {
            "there are no wildcards"
        } else {
            continue;
        };
        sink.found(entry.place(), &NoPrincipal { principal, why });
    }
}
