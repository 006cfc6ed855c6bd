use crate::audit::prelude::*;

about! {
    /// A service account's annotation for IRSA is no ARN of a role.
    ///
    /// The webhook passes on whatever stands there, and STS refuses it. Argo CD's documentation shows the value with a stray `<`
    /// at its start, `"<arn:aws:iam::…`; others write the role's name alone.
    ///
    /// ```yaml finds
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata:
    ///   name: argocd-server
    ///   namespace: argocd
    ///   annotations:
    ///     eks.amazonaws.com/role-arn: "<arn:aws:iam::111122223333:role/argocd-management"
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata:
    ///   name: argocd-server
    ///   namespace: argocd
    ///   annotations:
    ///     eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/argocd-management
    /// ```
    ///
    /// References: EKS User Guide, "Assign IAM roles to Kubernetes service accounts"; Argo CD,
    /// docs/operator-manual/declarative-setup.md, "Clusters"
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("`{value}` is no ARN of a role")]
struct NoArn<'s> {
    value: &'s str,
}

impl Facts for NoArn<'_> {
    fn help(&self) -> Vec<String> {
        let trimmed = self.value.trim_matches(['<', '>', ' ']);
        let arn = if trimmed.parse::<facts::RoleArn>().is_ok() {
            trimmed
        } else {
            "arn:aws:iam::<account>:role/<name>"
        };
        vec![format!("write `{arn}`")]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for account in scene.of_kind("ServiceAccount") {
        let annotation = account.annotation(access::ROLE_ANNOTATION);
        let Some((node, value)) = annotation.and_then(|node| Some((node, node.text()?))) else { continue };
        if value.parse::<facts::RoleArn>().is_err() {
            sink.found(account.at(node), &NoArn { value });
        }
    }
}
