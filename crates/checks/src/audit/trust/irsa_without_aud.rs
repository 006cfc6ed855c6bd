use crate::audit::prelude::*;

about! {
    /// A trust policy for IRSA doesn't say for whom the token must be.
    ///
    /// A cluster signs tokens for many audiences: for Vault, for the API server of another cluster, for whatever a pod's
    /// `serviceAccountToken` volume asks for. Without a condition on the key that ends in `:aud`, each of them that falls into
    /// wrong hands is good for the role, as far as the provider's list of audiences has it.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"},
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {"StringEquals": {
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:argocd:argocd-server"
    ///     }}
    ///   }]
    /// }
    /// ```
    ///
    /// ```json fixed
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"},
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {"StringEquals": {
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com",
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:argocd:argocd-server"
    ///     }}
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
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:argocd:argocd-server"
    ///     }}
    ///   }]
    /// }
    /// ```
    ///
    /// References: EKS User Guide, "Assign IAM roles to Kubernetes service accounts".
    Warning, Certain, Security
}

#[derive(Debug, Error)]
#[error("tokens of `{issuer}` for whatever audience are good for it: nothing asks for `{issuer}:aud`")]
struct WithoutAud<'s> {
    issuer: &'s str,
}

impl Facts for WithoutAud<'_> {
    fn help(&self) -> Vec<String> {
        vec![format!(
            "add to the condition `\"StringEquals\": {{\"{}:aud\": \"sts.amazonaws.com\"}}`",
            self.issuer
        )]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for statement in scene.trusts().flat_map(|trust| trust.allowing()) {
        let Some((provider, issuer)) = super::irsa(&statement) else { continue };
        if !statement.has_key(":aud") && !statement.is_open() {
            // Beside other conditions that all have to be met, one more only ever keeps somebody out.
            let equals = statement.node.at_path(&["Condition", "StringEquals"]);
            let source = equals.zip(scene.source(statement.file));
            let fix = source.and_then(|(equals, source)| {
                source.with(equals, &format!("{issuer}:aud"), "sts.amazonaws.com")
            });
            sink.mended(statement.at(provider), &WithoutAud { issuer }, fix);
        }
    }
}
