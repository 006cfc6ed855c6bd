use crate::audit::prelude::*;

about! {
    /// A condition on a pod's service account is on a key that doesn't exist, as an article has it.
    ///
    /// `eks:awsserviceaccount.name`, `eks:serviceaccount` and their like look as if EKS told IAM who a pod is. It does so in two
    /// ways only: by the claims of the token (`<issuer>:sub`, for IRSA), and by session tags
    /// (`aws:RequestTag/kubernetes-service-account` in the trust policy and `aws:PrincipalTag/kubernetes-service-account`
    /// elsewhere, for Pod Identity).
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Service": "eks.amazonaws.com"},
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": {"StringEquals": {"eks:awsserviceaccount.name": "argocd-server"}}
    ///   }]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Service": "pods.eks.amazonaws.com"},
    ///     "Action": ["sts:AssumeRole", "sts:TagSession"],
    ///     "Condition": {"StringEquals": {"aws:RequestTag/kubernetes-service-account": "argocd-server"}}
    ///   }]
    /// }
    /// ```
    ///
    /// References: EKS User Guide, "Create IAM role with trust policy required by EKS Pod Identity"; Service Authorization
    /// Reference, "Condition keys for Amazon Elastic Kubernetes Service"
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("`{key}` doesn't exist: {instead}")]
struct NoKey<'s> {
    key: &'s str,
    instead: &'static str,
}

impl Facts for NoKey<'_> {
    fn help(&self) -> Vec<String> {
        vec!["name `pods.eks.amazonaws.com` as the service, and write `aws:RequestTag/kubernetes-service-account`".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for statement in scene.policies().iter().flat_map(|policy| policy.statements()) {
        for (_, key, _) in statement.conditions() {
            let lower = key.text.to_ascii_lowercase();
            if lower.starts_with("eks:") && lower.contains("serviceaccount") {
                let instead =
                    "EKS tells a pod's service account by session tags, or by the claims of its token";
                sink.found(statement.at_key(key), &NoKey { key: &key.text, instead });
            }
        }
    }
}
