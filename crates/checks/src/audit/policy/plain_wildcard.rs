use crate::audit::prelude::*;

about! {
    /// A wildcard stands where it is plain text.
    ///
    /// `StringEquals` compares letter by letter: a `*` in its value is a star. In a trust policy for IRSA the statement then lets
    /// nobody in; `StringLike` would.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"},
    ///     "Action": "sts:AssumeRoleWithWebIdentity",
    ///     "Condition": {"StringEquals": {
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com",
    ///       "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:argocd:argocd-*"
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
    /// References: IAM User Guide, "IAM JSON policy elements: Condition operators".
    Error, Likely, Operations
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    super::advised(scene, sink, |advice| matches!(advice, iam::Advice::PlainWildcard { .. }));
}
