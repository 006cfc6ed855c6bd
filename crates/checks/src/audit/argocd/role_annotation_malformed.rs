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
    /// ```yaml fixed
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata:
    ///   name: argocd-server
    ///   namespace: argocd
    ///   annotations:
    ///     eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/argocd-management"
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
        vec![format!("write `{}`", inside(self.value).unwrap_or("arn:aws:iam::<account>:role/<name>"))]
    }
}

/// The ARN between stray brackets.
fn inside(value: &str) -> Option<&str> {
    let trimmed = value.trim_matches(['<', '>', ' ']);
    trimmed.parse::<facts::RoleArn>().is_ok().then_some(trimmed)
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for account in scene.of_kind("ServiceAccount") {
        let annotation = account.annotation(access::ROLE_ANNOTATION);
        let Some((node, value)) = annotation.and_then(|node| Some((node, node.text()?))) else { continue };
        if value.parse::<facts::RoleArn>().is_err() {
            let source = scene.source(account.file);
            let fix = source.and_then(|source| source.write(node.at, value, inside(value)?));
            sink.mended(account.at(node), &NoArn { value }, fix);
        }
    }
}
