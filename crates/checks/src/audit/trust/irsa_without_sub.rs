use crate::audit::prelude::*;

about! {
    /// A trust policy lets every service account of a cluster in.
    ///
    /// A role for IRSA names the cluster's OIDC provider. Without a condition on the key that ends in `:sub`, whoever may create
    /// a pod in any namespace of that cluster gets the role: the provider signs a token for each service account.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"},
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {"StringEquals": {"oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com"}}
    ///   }]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"},
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {"StringEquals": {
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com",
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:argocd:argocd-application-controller"
    ///     }}
    ///   }]
    /// }
    /// ```
    ///
    /// References: EKS User Guide, "Assign IAM roles to Kubernetes service accounts".
    Error, Certain, Security
}

#[derive(Debug, Error)]
#[error(
    "every service account of the cluster with issuer `{issuer}` may assume it: nothing asks for `{issuer}:sub`"
)]
struct WithoutSub<'s> {
    issuer: &'s str,
}

impl Facts for WithoutSub<'_> {
    fn help(&self) -> Vec<String> {
        let subject = "system:serviceaccount:<namespace>:<service account>";
        vec![format!("add to the condition `\"StringEquals\": {{\"{}:sub\": \"{subject}\"}}`", self.issuer)]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for statement in scene.trusts().flat_map(|trust| trust.allowing()) {
        let Some((provider, issuer)) = super::irsa(&statement) else { continue };
        if !statement.has_key(":sub") && !statement.is_open() {
            sink.found(statement.at(provider), &WithoutSub { issuer });
        }
    }
}
